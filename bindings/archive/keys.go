package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Recipients are those who can read an archive; none leaves it readable to all.
type Recipients []age.Recipient

// ParseRecipients reads age's public keys (age1…), one a line, with comments as age's own tools take them.
func ParseRecipients(lines []string) (Recipients, error) {
	var out Recipients
	for _, line := range lines {
		r, err := age.ParseX25519Recipient(line)
		if err != nil {
			return nil, fault.New(fault.Usage, "recipients: %q is no public key of age: %w", line, err).
				WithHint("a public key begins with age1; age-keygen makes one")
		}
		out = append(out, r)
	}
	return out, nil
}

// PassphraseRecipient lets whoever knows the passphrase read an archive.
func PassphraseRecipient(passphrase string) (Recipients, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fault.New(fault.Usage, "passphrase: %w", err)
	}
	return Recipients{r}, nil
}

// Identities are the private keys that are tried on an archive.
type Identities []age.Identity

// ParseIdentities reads age's private keys as age-keygen writes them.
func ParseIdentities(r io.Reader) (Identities, error) {
	ids, err := age.ParseIdentities(r)
	if err != nil {
		return nil, fault.New(fault.Usage, "identity: the file holds no private key of age") // not the cause: it may quote the file
	}
	return ids, nil
}

// PassphraseIdentity is what a passphrase opens.
func PassphraseIdentity(passphrase string) (Identities, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fault.New(fault.Usage, "passphrase: %w", err)
	}
	return Identities{id}, nil
}

var ageMagic = []byte("age-encryption.org/")

// decrypt opens what is encrypted, and hands on what isn't.
func decrypt(r io.Reader, ids Identities) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	start, err := in.Peek(len(ageMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, readError(err)
	}
	if !bytes.Equal(start, ageMagic) {
		return in, nil
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.Auth, "the archive is encrypted").WithHint("name the private key with identity=FILE, or give the passphrase")
	}
	out, err := age.Decrypt(in, ids...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, fault.New(fault.Auth, "the archive is encrypted for somebody else: no key given here opens it")
	case err != nil:
		return nil, broken("%w", err)
	}
	return out, nil
}

func encrypt(w io.Writer, to Recipients) (io.WriteCloser, error) {
	if len(to) == 0 {
		return nopCloser{w}, nil
	}
	out, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fault.New(fault.Internal, "encrypting: %w", err)
	}
	return out, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
