package main

import (
	"context"
	"errors"

	"gresh/commands"
	"gresh/shell/remote"
)

// Elsewhere is the way from a router to the files of other hosts.
type elsewhere struct{}

func (elsewhere) host(f commands.RemoteFile) (remote.Host, remote.Way) {
	way := remote.SCP
	if f.SFTP {
		way = remote.SFTP
	}
	return remote.Host{Addr: f.Addr, Name: f.Name, From: f.From, User: f.User, Password: f.Password, Trust: f.Trust}, way
}

// Read is part of commands.Remote.
func (a elsewhere) Read(ctx context.Context, f commands.RemoteFile, most int) ([]byte, error) {
	h, way := a.host(f)
	data, err := h.Read(ctx, way, f.Path, most)
	return data, brokenOff(err)
}

// Write is part of commands.Remote.
func (a elsewhere) Write(ctx context.Context, f commands.RemoteFile, data []byte) error {
	h, way := a.host(f)
	return brokenOff(h.Write(ctx, way, f.Path, data))
}

func brokenOff(err error) error {
	if errors.Is(err, remote.ErrInterrupted) {
		return commands.ErrBrokenOff
	}
	return err
}
