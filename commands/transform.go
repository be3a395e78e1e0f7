package commands

import (
	"errors"
	"slices"

	"gresh/modes/grammar"
)

// A part of a transform set: it has at most one of each.
type part uint8

const (
	partAH part = iota
	partCipher
	partAuth
	partAbsent // IOS has it, this router has not
)

// parts says which part of a set each transform is, and that it is one.
var parts = map[string]part{}

// transform is one of the transforms that IOS knows. Those that are missing
// here are declared too: the operator is told so, not that he mistyped.
var transform = grammar.Enum(
	known(partAH, "ah-md5-hmac", "AH-HMAC-MD5 transform"),
	known(partAH, "ah-sha-hmac", "AH-HMAC-SHA transform"),
	known(partAH, "ah-sha256-hmac", "AH-HMAC-SHA256 transform"),
	known(partAbsent, "ah-sha384-hmac", "AH-HMAC-SHA384 transform"),
	known(partAbsent, "ah-sha512-hmac", "AH-HMAC-SHA512 transform"),
	known(partAbsent, "comp-lzs", "IP Compression using the LZS compression algorithm"),
	known(partCipher, "esp-3des", "ESP transform using 3DES(EDE) cipher (168 bits)"),
	known(partCipher, "esp-aes", "ESP transform using AES cipher"),
	choice("esp-aes 128", "128 bit keys.", "esp-aes"),
	known(partCipher, "esp-aes 192", "192 bit keys."),
	known(partCipher, "esp-aes 256", "256 bit keys."),
	known(partCipher, "esp-des", "ESP transform using DES cipher (56 bits)"),
	known(partCipher, "esp-gcm", "ESP transform using GCM cipher"),
	choice("esp-gcm 128", "128 bit keys.", "esp-gcm"),
	known(partAbsent, "esp-gcm 192", "192 bit keys."),
	known(partCipher, "esp-gcm 256", "256 bit keys."),
	known(partAbsent, "esp-gmac", "ESP transform using GMAC cipher"),
	known(partAuth, "esp-md5-hmac", "ESP transform using HMAC-MD5 auth"),
	known(partCipher, "esp-null", "ESP transform w/o cipher"),
	known(partAbsent, "esp-seal", "ESP transform using SEAL cipher (160 bits)"),
	known(partAuth, "esp-sha-hmac", "ESP transform using HMAC-SHA auth"),
	known(partAuth, "esp-sha256-hmac", "ESP transform using HMAC-SHA256 auth"),
	known(partAuth, "esp-sha384-hmac", "ESP transform using HMAC-SHA384 auth"),
	known(partAuth, "esp-sha512-hmac", "ESP transform using HMAC-SHA512 auth"),
)

func known(p part, name, help string) grammar.Choice[string] {
	parts[name] = p
	return grammar.Choice[string]{Name: name, Help: help, Value: name}
}

// combine brings the transforms of a set into the order in which IOS prints
// them, AH before the cipher before its authentication, or says why they don't
// make a set.
func combine(transforms []string) ([]string, error) {
	var of [partAbsent]string
	for _, t := range transforms {
		p := parts[t]
		if p == partAbsent {
			return nil, errors.New("% The transform " + t + " is not supported by this router")
		}
		if of[p] != "" {
			return nil, errors.New("% The transforms " + of[p] + " and " + t + " exclude each other")
		}
		of[p] = t
	}
	cipher, auth := of[partCipher], of[partAuth]
	gcm := cipher == "esp-gcm" || cipher == "esp-gcm 256"
	switch {
	case gcm && auth != "":
		return nil, errors.New("% The transform " + cipher + " authenticates by itself: leave " + auth + " out")
	case cipher == "" && auth != "":
		return nil, errors.New("% The transform " + auth + " needs a cipher beside it: esp-null if there is to be none")
	case cipher == "esp-null" && auth == "":
		return nil, errors.New("% The transform esp-null protects nothing without an authentication transform beside it")
	}
	return slices.DeleteFunc(of[:], func(t string) bool { return t == "" }), nil
}
