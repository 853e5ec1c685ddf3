package gpg

import "time"

// order is how something is signed.
type order struct {
	armored bool
	command string
	options []string
	signers []string
	when    time.Time
}

// SignOption is a wish about a signature.
type SignOption func(*order)

func with(options ...string) SignOption {
	return func(o *order) { o.options = append(o.options, options...) }
}

// Binary makes the signature of packets; otherwise it is text.
func Binary() SignOption { return func(o *order) { o.armored = false } }

// Digest chooses the digest, in gpg's words: "SHA1", "SHA384".
func Digest(name string) SignOption { return with("--digest-algo", name) }

// At signs at another time than now.
func At(t time.Time) SignOption { return func(o *order) { o.when = t } }

// ExpiresIn lets the signature end so long after it was made, in gpg's words.
func ExpiresIn(after string) SignOption { return with("--default-sig-expire", after) }

// TextMode signs the data with its ends of lines changed.
func TextMode() SignOption { return with("--textmode") }

// Clearsign makes a text that holds the data, readable, and the signature.
func Clearsign() SignOption { return func(o *order) { o.command = "--clearsign" } }

// Inline makes a message that holds both the data and the signature.
func Inline() SignOption { return func(o *order) { o.command = "--sign" } }

// And lets others of the same home sign as well.
func And(others ...Key) SignOption {
	return func(o *order) {
		for _, other := range others {
			o.signers = append(o.signers, other.fingerprint)
		}
	}
}

// ByPrimary signs with the primary key, although there is a subkey.
func ByPrimary() SignOption { return func(o *order) { o.signers[0] += "!" } }

// Sign signs data: a detached signature in text, unless something else is
// wished for. A key of another time signs then, unless At says when.
func (k Key) Sign(data []byte, wishes ...SignOption) []byte {
	k.home.tb.Helper()
	o := order{armored: true, command: "--detach-sign", signers: []string{k.fingerprint}, when: k.created}
	for _, wish := range wishes {
		wish(&o)
	}
	args := append(at(o.when), "--batch", "--allow-weak-digest-algos")
	if o.armored {
		args = append(args, "--armor")
	}
	args = append(args, o.options...)
	for _, signer := range o.signers {
		args = append(args, "--local-user", signer)
	}
	return k.home.run(data, append(args, o.command)...)
}
