//go:build linux && !race

package uml

const race = false
