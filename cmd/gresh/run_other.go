//go:build !linux

package main

import (
	"errors"
	"io"
)

func runRouter([]string, io.Writer) error {
	return errors.New("run: this system's kernel can't be the router: it takes Linux; gresh lab runs here")
}
