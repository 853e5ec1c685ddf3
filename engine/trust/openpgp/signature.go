package openpgp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/podtui/podtui/engine/trust/refusal"
)

// Bounds of one file of signatures: their number, and their bytes as packets.
const (
	maxSignatures     = 32
	maxSignaturesSize = 64 << 10
)

// Signatures are those of one file. They don't change, and may be used by many at
// once.
type Signatures struct {
	list []signature
}

// signature is one of them, or why it can't be good whoever made it.
type signature struct {
	element element
	packet  *packet.Signature // nil if the library can't read it
	refused *refusal.Error
}

// ReadSignatures reads a detached signature, armoured or binary, or several. What
// is none, or could not be believed whoever has made it, is a *refusal.Error.
func ReadSignatures(r io.Reader) (*Signatures, error) {
	data, err := readBounded(r, MaxSignature)
	if errors.Is(err, errLong) {
		return nil, bad("longer than " + size(MaxSignature) + ", as no signature is")
	}
	if err != nil {
		return nil, err
	}
	packets, err := unarmor(data, blockSignature)
	if err != nil {
		return nil, bad(explainSignatureFile(err))
	}
	elements, err := split(packets)
	for _, e := range elements {
		if e.tag != tagSignature && e.tag != tagMarker && e.tag != tagPadding {
			return nil, bad(whatIs(e.tag) + ", not a detached signature")
		}
	}
	if err != nil {
		return nil, bad(err.Error())
	}
	return readSignatures(elements)
}

func readSignatures(elements []element) (*Signatures, error) {
	elements = slices.DeleteFunc(elements, func(e element) bool { return e.tag != tagSignature })
	switch {
	case len(elements) == 0:
		return nil, bad(errNothing.Error())
	case len(elements) > maxSignatures:
		return nil, bad(fmt.Sprintf("%d signatures; at most %d are taken", len(elements), maxSignatures))
	case len(join(elements)) > maxSignaturesSize:
		return nil, bad("signatures of more than " + size(maxSignaturesSize))
	}
	s := &Signatures{}
	var refusals []*refusal.Error
	for _, e := range elements {
		sig := readSignature(e)
		s.list = append(s.list, sig)
		if sig.refused != nil {
			refusals = append(refusals, sig.refused)
		}
	}
	if len(refusals) == len(s.list) {
		return nil, mostTelling(refusals)
	}
	return s, nil
}

func bad(detail string) *refusal.Error {
	return &refusal.Error{Kind: refusal.BadSignature, Detail: detail}
}

func explainSignatureFile(err error) string {
	var kind *kindError
	if !errors.As(err, &kind) {
		return err.Error()
	}
	switch kind.kind {
	case blockClear:
		return "a clearsigned text, not a detached signature"
	case blockMessage:
		return "a message (inline-signed or encrypted), not a detached signature"
	}
	return kind.Error() + ", not a detached signature"
}

// whatIs names a packet that is no signature.
func whatIs(tag byte) string {
	switch tag {
	case 4, 8, 11: // one-pass signature, compressed, literal
		return "a message that holds its data (inline-signed)"
	case 1, 3, 9, 18, 20:
		return "an encrypted message"
	case tagPrivate, tagPrivateSub, tagPublic, tagPublicSub, tagUserID, tagAttribute:
		return "a key"
	}
	return fmt.Sprintf("a packet of type %d", tag)
}

// readSignature reads one packet.
func readSignature(e element) signature {
	s := signature{element: e}
	p, err := e.parse()
	s.packet, _ = p.(*packet.Signature)
	if err != nil {
		s.packet = nil
	}
	if s.refused = s.flaw(err); s.refused != nil && s.packet != nil {
		s.refused.KeyID = s.issuerID()
	}
	return s
}

// flaw is why the signature can't be believed whoever made it, or nil.
func (s *signature) flaw(err error) *refusal.Error {
	if detail := s.weakness(); detail != "" {
		return &refusal.Error{Kind: refusal.Weak, Detail: detail}
	}
	body := s.element.body
	if len(body) > 0 && body[0] != 4 {
		return bad(fmt.Sprintf("of version %d; only version 4 is read", body[0]))
	}
	if err != nil {
		return bad("unreadable: " + err.Error())
	}
	switch s.packet.SigType {
	case packet.SigTypeBinary:
	case packet.SigTypeText:
		return bad("made in text mode, which changes the bytes; gpg --detach-sign does not")
	default:
		return bad("a signature over something else than a file")
	}
	if place(s.packet.Hash) < 0 {
		return bad(fmt.Sprintf("its digest is %v; SHA-256, SHA-384 and SHA-512 are read", s.packet.Hash))
	}
	if s.packet.IssuerKeyId == nil {
		return bad("it does not say whose it is")
	}
	for _, notation := range s.packet.Notations {
		if notation.IsCritical {
			return bad("it wants the notation " + notation.Name + " to be understood, which is unknown here")
		}
	}
	return nil
}

// weakness is what of the signature is weak, or "".
func (s *signature) weakness() string {
	body := s.element.body
	if len(body) > 2 && body[0] == 4 && packet.PublicKeyAlgorithm(body[2]) == packet.PubKeyAlgoDSA {
		return "the signature is by DSA"
	}
	if digest := s.element.weakDigest(); digest != "" {
		return "the signature's digest is " + digest
	}
	return ""
}

// issuerID is the key ID of who claims to have signed, or "".
func (s *signature) issuerID() string {
	if s.packet == nil || s.packet.IssuerKeyId == nil {
		return ""
	}
	return fmt.Sprintf("%016X", *s.packet.IssuerKeyId)
}

// issuer is who claims to have signed, as exactly as the signature says it: the
// fingerprint, or the key ID.
func (s *signature) issuer() string {
	if s.packet != nil && len(s.packet.IssuerFingerprint) > 0 {
		return hex.EncodeToString(s.packet.IssuerFingerprint)
	}
	return s.issuerID()
}

// Issuers are the fingerprints, or else the key IDs, of those who claim to have
// signed, each once. It is a claim: a good signature may prove it.
func (s *Signatures) Issuers() []string {
	var list []string
	for _, sig := range s.list {
		if id := sig.issuer(); id != "" && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// By tells whether one of the signatures claims to be the key's or a subkey's.
func (s *Signatures) By(k *Key) bool {
	return slices.ContainsFunc(s.list, func(sig signature) bool { return sig.maker(k) != nil })
}

// maker is which part of a key the signature claims to be made by, or nil.
func (s *signature) maker(k *Key) *part {
	id := s.issuer()
	for _, p := range k.parts() {
		if id != "" && (strings.EqualFold(id, p.fingerprint()) || id == p.id()) {
			return p
		}
	}
	return nil
}

// Bytes are the signatures as packets, at most 64 KiB.
func (s *Signatures) Bytes() []byte {
	var all []byte
	for _, sig := range s.list {
		all = append(all, sig.element.whole...)
	}
	return all
}
