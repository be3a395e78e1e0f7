package commands

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var keyChainGlobal = modes.Mode[config.Config]{keyChains()}

// keyChains are the keys that routing packets are signed with.
func keyChains() modes.Command[config.Config] {
	l := listing[config.KeyChain, string]{
		list:  func(c *config.Config) *[]config.KeyChain { return &c.KeyChains },
		param: grammar.String("Key-chain name"),
		name:  func(k *config.KeyChain) string { return k.Name },
		make:  func(name string) config.KeyChain { return config.KeyChain{Name: name} },
		order: func(a, b config.KeyChain) int { return strings.Compare(a.Name, b.Name) },
	}
	return modes.Sub(l.block(modes.Block[config.Config, config.KeyChain]{
		Line:   with(under(under(global, "key", "Key management"), "chain", "Key-chain management"), l.param),
		Title:  "Key-chain configuration commands:",
		Prompt: "config-keychain",
		Mode:   modes.Mode[config.KeyChain]{routingKeys()},
	}))
}

func routingKeys() modes.Command[config.KeyChain] {
	id := grammar.Uint(0, 2147483647, "Key identifier")
	place := func(k *config.KeyChain, a grammar.Args) (int, bool) {
		return slices.BinarySearchFunc(k.Keys, id.From(a), func(k config.RoutingKey, id uint32) int { return cmp.Compare(k.ID, id) })
	}
	return modes.Sub(modes.Block[config.KeyChain, config.RoutingKey]{
		Line:   with(under(global, "key", "Configure a key"), id),
		Title:  "Key-chain key configuration commands:",
		Prompt: "config-keychain-key",
		Mode:   modes.Mode[config.RoutingKey]{keyString()},
		Find: func(k *config.KeyChain, a grammar.Args) *config.RoutingKey {
			if at, found := place(k, a); found {
				return &k.Keys[at]
			}
			return nil
		},
		Create: func(k *config.KeyChain, a grammar.Args) (*config.RoutingKey, error) {
			at, _ := place(k, a)
			k.Keys = slices.Insert(k.Keys, at, config.RoutingKey{ID: id.From(a)})
			return &k.Keys[at], nil
		},
		Remove: func(k *config.KeyChain, a grammar.Args) error {
			if at, found := place(k, a); found {
				k.Keys = emptied(slices.Delete(k.Keys, at, at+1))
			}
			return nil
		},
		All: func(k *config.KeyChain) iter.Seq2[grammar.Args, *config.RoutingKey] {
			return func(yield func(grammar.Args, *config.RoutingKey) bool) {
				for i := range k.Keys {
					if !yield(id.Is(k.Keys[i].ID), &k.Keys[i]) {
						return
					}
				}
			}
		},
	})
}

func keyString() modes.Command[config.RoutingKey] {
	secret := secretOf("The UNENCRYPTED (cleartext) user password", 0, 7)
	line := under(global, "key-string", "Set key string")
	return modes.Command[config.RoutingKey]{
		Line: secret.after(line),
		Bare: len(line),
		Set: func(k *config.RoutingKey, a grammar.Args) (err error) {
			k.Secret, err = secret.from(a)
			return err
		},
		Unset: func(k *config.RoutingKey, _ grammar.Args) error { k.Secret = config.Secret{}; return nil },
		Get: func(k *config.RoutingKey) []grammar.Args {
			if !k.Secret.Set() {
				return nil
			}
			return []grammar.Args{secret.is(k.Secret)}
		},
	}
}
