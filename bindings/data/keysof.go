package data

import (
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
)

// recipients are those that a backup is encrypted to: public keys, or whoever knows a passphrase.
func recipients(keys []string, passphrase bindings.Secret) (archive.Recipients, error) {
	switch {
	case len(keys) > 0 && passphrase != "":
		return nil, fault.New(fault.Usage, "recipients and a passphrase exclude one another: age opens a file by the one or the other")
	case passphrase != "":
		return archive.PassphraseRecipient(string(passphrase))
	}
	return archive.ParseRecipients(keys)
}

// identities are what an archive may be opened with: a file of private keys, or a passphrase.
func identities(env *bindings.Env, file string, passphrase bindings.Secret) (archive.Identities, error) {
	switch {
	case file != "" && passphrase != "":
		return nil, fault.New(fault.Usage, "identity and a passphrase exclude one another")
	case passphrase != "":
		return archive.PassphraseIdentity(strings.TrimRight(string(passphrase), "\r\n"))
	case file == "":
		return nil, nil
	}
	f, err := env.Open(file)
	if err != nil {
		return nil, asFault(err, "identity %s can't be read", file)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return archive.ParseIdentities(f)
}
