package remote

import (
	"bytes"
	"errors"
	"io"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

func readSFTP(c *ssh.Client, path string, most int) ([]byte, error) {
	s, err := sftp.NewClient(c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	f, err := s.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(data) > most {
		err = ErrTooLarge
	}
	return data, err
}

func writeSFTP(c *ssh.Client, path string, data []byte) error {
	s, err := sftp.NewClient(c)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	f, err := s.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	return errors.Join(err, f.Close())
}
