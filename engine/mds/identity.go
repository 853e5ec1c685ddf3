package mds

import (
	"bytes"

	"github.com/google/uuid"
)

// Fields of the forms of ace.md, "Identity Endpoint".
const (
	fieldContent   = "content"
	fieldUUID      = "uuid"
	fieldSignature = "signature"
)

// sign signs content in the pod's name.
func (q question) sign() (answer, error) {
	content, ok := q.form[fieldContent]
	if !ok {
		return answer{}, missing(fieldContent)
	}
	return answer{typeText, []byte(q.Key.Sign(q.pod, content))}, nil
}

// verify tells whether a pod of this data folder has signed content. That pod may
// have gone long ago.
func (q question) verify() (answer, error) {
	for _, field := range []string{fieldContent, fieldUUID, fieldSignature} {
		if _, ok := q.form[field]; !ok {
			return answer{}, missing(field)
		}
	}
	pod, err := uuid.ParseBytes(q.form[fieldUUID])
	if err != nil {
		return answer{}, &refusal{status: 400, message: "the field uuid is no UUID"}
	}
	// A "+" that a client did not escape has become a space, which base64 hasn't.
	signature := bytes.ReplaceAll(q.form[fieldSignature], []byte(" "), []byte("+"))
	if !q.Key.Verify(pod.String(), q.form[fieldContent], string(signature)) {
		return answer{}, &refusal{status: 403, message: "the pod did not sign this"}
	}
	return answer{contentType: typeText}, nil
}

func missing(field string) error {
	return &refusal{status: 400, message: "the form has no field " + field}
}
