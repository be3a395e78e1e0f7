package commands

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/keypair"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// The sizes of an RSA modulus. IOS makes smaller ones, which no SSH client
// takes any more.
const (
	modulusLeast = 1024
	modulusMost  = 4096
)

var cryptoKey = under(crypto, "key", "Long term key operations")

// keyActs make the router's key pairs and destroy them, at once: nothing of
// that is a line of the configuration.
func keyActs() modes.Mode[Exec] {
	generate := under(cryptoKey, "generate", "Generate new keys")
	zeroize := under(cryptoKey, "zeroize", "Remove keys")
	modulus := grammar.Uint(modulusLeast, modulusMost, "size of the key modulus in bits")
	label, ecLabel := grammar.String("RSA keypair label"), grammar.String("EC keypair label")
	size := grammar.Enum(choice("256", "256 bits", 256), choice("384", "384 bits", 384))
	return modes.Mode[Exec]{
		{
			Line: with(under(generate, "rsa", "Generate RSA keys"), grammar.Any(
				grammar.Line{grammar.Word("general-keys", "Generate a general purpose RSA key pair for signing and encryption")},
				grammar.Line{grammar.Word("modulus", "Provide number of modulus bits on the command line"), modulus},
				grammar.Line{grammar.Word("label", "Provide a label"), label},
			)),
			Run: func(e *Exec, a grammar.Args) error {
				return e.generate(keypair.RSA, label.From(a), int(modulus.From(a)))
			},
		},
		{
			Line: with(under(generate, "ec", "Generate EC keys for ECDSA"),
				grammar.Word("keysize", "EC Key Size"), size,
				grammar.Opt(grammar.Word("label", "Provide a label"), ecLabel)),
			Run: func(e *Exec, a grammar.Args) error { return e.generate(keypair.EC, ecLabel.From(a), size.From(a)) },
		},
		zeroizing(zeroize, "rsa", "Remove RSA keys", keypair.RSA),
		zeroizing(zeroize, "ec", "Remove EC keys", keypair.EC),
	}
}

func zeroizing(line grammar.Line, name, help string, kind keypair.Algorithm) modes.Command[Exec] {
	label := grammar.String("Name of key to be removed")
	return modes.Command[Exec]{
		Line: with(under(line, name, help), grammar.Opt(label)),
		Run:  func(e *Exec, a grammar.Args) error { return e.zeroize(kind, label.From(a)) },
	}
}

// generate makes a key pair. Making it takes its time, in the session's
// goroutine: the router goes on meanwhile.
func (e *Exec) generate(kind keypair.Algorithm, label string, bits int) error {
	label, err := e.keyLabel(label)
	if err != nil {
		return err
	}
	e.printf("The name for the keys will be: %s\n", label)
	if e.pair(kind, label) != nil && !e.replaceKeys(kind, label) {
		return nil
	}
	switch {
	case bits == 0:
		if bits, err = e.askModulus(); err != nil || bits == 0 {
			return err
		}
	case kind == keypair.RSA:
		e.printf("\n%% The key modulus size is %d bits\n", bits)
	}
	e.printf("%% Generating %d bit %v keys, keys will be non-exportable...\n", bits, kind)
	begun := time.Now()
	if err := e.addPair(kind, label, bits); err != nil {
		return fmt.Errorf("%% The keys could not be made (%w)", err)
	}
	e.printf("[OK] (elapsed time was %d seconds)\n", int(time.Since(begun).Seconds()))
	return nil
}

// keyLabel is the name of a key pair: the router's own, unless one is given.
func (e *Exec) keyLabel(label string) (string, error) {
	if label != "" {
		return label, nil
	}
	var host, domain string
	e.with(func(r *backend.Router, _ time.Time) { host, domain = r.Running().Hostname, r.Running().DomainName })
	switch {
	case host == "" || host == usualHostname:
		return "", errors.New("% Please define a hostname other than Router.")
	case domain == "":
		return "", errors.New("% Please define a domain-name first.")
	}
	return host + "." + domain, nil
}

func (e *Exec) pair(kind keypair.Algorithm, label string) (found *keypair.Pair) {
	e.with(func(r *backend.Router, _ time.Time) {
		for _, p := range r.Pairs() {
			if p.Algorithm() == kind && p.Label == label {
				found = &p
			}
		}
	})
	return found
}

func (e *Exec) replaceKeys(kind keypair.Algorithm, label string) bool {
	e.printf("%% You already have %v keys defined named %s.\n", kind, label)
	return e.sure("% Do you really want to replace them? [yes/no]: ")
}

// sure asks until the answer is one.
func (e *Exec) sure(question string) bool {
	for {
		answer, ok := e.Ask(question)
		answer = strings.ToLower(answer)
		switch {
		case !ok || answer != "" && strings.HasPrefix("no", answer):
			return false
		case answer != "" && strings.HasPrefix("yes", answer):
			return true
		}
		e.printf("%% Please answer 'yes' or 'no'.\n")
	}
}

// askModulus asks how many bits an RSA modulus is to have; 0: none.
func (e *Exec) askModulus() (int, error) {
	e.printf("Choose the size of the key modulus in the range of %d to %d for your\n"+
		"  General Purpose Keys. Choosing a key modulus greater than %d may take\n  a few minutes.\n\n",
		modulusLeast, modulusMost, modulusLeast)
	for {
		answer, ok := e.Ask(fmt.Sprintf("How many bits in the modulus [%d]: ", modulusLeast))
		switch bits, err := strconv.Atoi(answer); {
		case !ok:
			return 0, nil
		case answer == "":
			return modulusLeast, nil
		case err == nil && bits >= modulusLeast && bits <= modulusMost:
			return bits, nil
		}
		e.printf("%% A decimal number between %d and %d.\n", modulusLeast, modulusMost)
	}
}

// addPair makes a pair and has the router keep it in place of one of its kind
// and name. With the first comes one of Ed25519, for which IOS has no command
// and without which today's clients would have to do with less.
func (e *Exec) addPair(kind keypair.Algorithm, label string, bits int) error {
	var seed []byte
	var err error
	e.with(func(r *backend.Router, _ time.Time) { seed, err = r.Seed() })
	if err != nil {
		return err
	}
	random := bytes.NewReader(seed)
	key, err := keypair.Generate(kind, bits, random)
	if err != nil {
		return err
	}
	companion, err := keypair.Generate(keypair.Ed25519, 256, random)
	if err != nil {
		return err
	}
	e.with(func(r *backend.Router, now time.Time) {
		pairs := pairsWithout(r.Pairs(), kind, label)
		pairs = append(pairs, keypair.Pair{Label: label, Made: now, Signer: key})
		if !slices.ContainsFunc(pairs, isCompanion) {
			pairs = append(pairs, keypair.Pair{Label: label, Made: now, Signer: companion})
		}
		err = r.SetPairs(now, pairs)
	})
	return err
}

func isCompanion(p keypair.Pair) bool { return p.Algorithm() == keypair.Ed25519 }

// pairsWithout are the pairs but those of a kind and a name; "" is any name.
func pairsWithout(pairs []keypair.Pair, kind keypair.Algorithm, label string) []keypair.Pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p keypair.Pair) bool {
		return p.Algorithm() == kind && (label == "" || p.Label == label)
	})
}

// zeroize destroys key pairs. The one that came with the first goes with the
// last.
func (e *Exec) zeroize(kind keypair.Algorithm, label string) error {
	var there bool
	e.with(func(r *backend.Router, _ time.Time) {
		there = len(pairsWithout(r.Pairs(), kind, label)) < len(r.Pairs())
	})
	switch {
	case !there && label == "":
		return fmt.Errorf("%% No Signature %v Keys found in configuration.", kind)
	case !there:
		return fmt.Errorf("%% Keypair %s was not found", label)
	case label == "":
		e.printf("%% All %v Keys will be removed.\n", kind)
	default:
		e.printf("%% Keys to be removed are named '%s'.\n", label)
	}
	e.printf("%% All router certs issued using these keys will also be removed.\n")
	if !e.sure("Do you really want to remove these keys? [yes/no]: ") {
		return nil
	}
	var err error
	e.with(func(r *backend.Router, now time.Time) {
		pairs := pairsWithout(r.Pairs(), kind, label)
		if !slices.ContainsFunc(pairs, func(p keypair.Pair) bool { return !isCompanion(p) }) {
			pairs = nil
		}
		err = r.SetPairs(now, pairs)
	})
	if err != nil {
		return fmt.Errorf("%% The keys could not be removed (%w)", err)
	}
	return nil
}

// showKeys is "show crypto key mypubkey": of one kind, or all.
func showKeys() modes.Command[Exec] {
	kind := grammar.Enum(
		choice("all", "Show all public keys", "all"),
		choice("ec", "Show EC public keys", keypair.EC.String()),
		choice("rsa", "Show RSA public keys", keypair.RSA.String()),
	)
	label := grammar.String("Key label")
	line := showing(grammar.Word("crypto", "Encryption module"), grammar.Word("key", "Show long term public keys"),
		grammar.Word("mypubkey", "Show public keys associated with this router"), kind, grammar.Opt(label))
	return viewing(line, func(q query, a grammar.Args) (view, error) {
		var pairs []keypair.Pair
		for _, p := range q.Pairs() {
			if (kind.From(a) == "all" || kind.From(a) == p.Algorithm().String()) &&
				(!label.In(a) || label.From(a) == p.Label) {
				pairs = append(pairs, p)
			}
		}
		return func(w io.Writer) { _, _ = io.WriteString(w, show.KeyPairs(pairs)) }, nil
	})
}
