package data

import (
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// docMessages is how many messages a document of the collection msg holds (DATA-MODEL, Messages).
const docMessages = 100

// parseDocID takes a doc_id apart: "<conversationID>:<n>" holds the seqs from n*100+1 on. ok is false for anything else.
func parseDocID(docID string) (conversationID string, n int64, ok bool) {
	i := strings.LastIndexByte(docID, ':')
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(docID[i+1:], 10, 64)
	return docID[:i], n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == docID[i+1:]
}

// highestSeq is the last seq of a document of msg whose message is there; 0 when there is none. ok is false for a document
// that has not the form of one.
func highestSeq(doc bson.Raw) (conversationID string, seq int64, ok bool) {
	id, found := doc.Lookup("doc_id").StringValueOK()
	if !found {
		return "", 0, false
	}
	conversationID, n, ok := parseDocID(id)
	if !ok {
		return "", 0, false
	}
	elements, err := messageElements(doc)
	if err != nil {
		return "", 0, false
	}
	for i := len(elements) - 1; i >= 0; i-- {
		if hasMessage(elements[i]) {
			return conversationID, n*docMessages + int64(i) + 1, true
		}
	}
	return conversationID, 0, true
}

// messageElements are the elements of a document of msg, one for each seq.
func messageElements(doc bson.Raw) ([]bson.RawValue, error) {
	msgs, ok := doc.Lookup("msgs").ArrayOK()
	if !ok {
		return nil, fault.New(fault.API, "a document of msg has no array msgs")
	}
	elements, err := msgs.Values()
	if err != nil {
		return nil, fault.New(fault.API, "a document of msg is broken: %w", err)
	}
	return elements, nil
}

// hasMessage tells whether an element holds a message: one that was never used, or was deleted for all, holds null.
func hasMessage(element bson.RawValue) bool {
	doc, ok := element.DocumentOK()
	return ok && doc.Lookup("msg").Type == bson.TypeEmbeddedDocument
}
