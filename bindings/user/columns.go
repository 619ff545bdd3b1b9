package user

import (
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// columnNames are the columns that an import understands. createTime is what export writes and the server sets itself.
func columnNames() []string {
	return []string{"userID", "nickname", "faceURL", "ex", "appMangerLevel", "globalRecvMsgOpt", "createTime",
		"account", "areaCode", "phoneNumber", "email", "password", "gender", "birth"}
}

// column is the known name for a column of a file, "" when there is none. The words of the chat server's own template
// (CHAT-ADMIN, Batch import) and "phone" are understood too.
func column(name string) string {
	switch name {
	case "phone", "phone_number":
		return "phoneNumber"
	case "user_id":
		return "userID"
	case "nickName":
		return "nickname"
	case "face_url":
		return "faceURL"
	case "area_code":
		return "areaCode"
	}
	if slices.Contains(columnNames(), name) {
		return name
	}
	return ""
}

// checkColumns refuses a file before any row of it is looked at.
func checkColumns(names []string, ignore, needNickname bool) error {
	have := map[string]string{}
	for i, n := range names {
		c := column(n)
		switch {
		case n == "":
			return usage("column %d has no name in the header", i+1)
		case c == "" && !ignore:
			return usage("unknown column %s%s", n, fault.DidYouMean(n, columnNames())).
				WithHint("the columns are %s; ignore_columns=true leaves others out", strings.Join(columnNames(), ", "))
		case c != "" && have[c] != "":
			return usage("columns %s and %s mean the same", have[c], n)
		case c != "":
			have[c] = n
		}
	}
	for _, want := range []string{"userID", "nickname"} {
		if have[want] == "" && (want != "nickname" || needNickname) {
			return usage("the file has no column %s; its columns are %s", want, strings.Join(names, ", "))
		}
	}
	return nil
}

// item is a row on its way: what it asks for and what became of it.
type item struct {
	row     int64
	raw     string
	user    NewUser
	login   login
	opted   bool // globalRecvMsgOpt has a value, which may be 0
	outcome outcome
	reason  string // why it was rejected
}

// outcome is what became of a row.
type outcome int

const (
	waiting outcome = iota
	created
	updated
	skipped
	resumed // made by an earlier run of the same import
	rejected
)

func (it *item) reject(reason string) { it.outcome, it.reason = rejected, reason }

// itemOf reads a row.
func (im *importer) itemOf(rec record) *item {
	it := &item{row: rec.row, raw: rec.raw}
	if rec.flaw != "" {
		it.reject(rec.flaw)
		if i := slices.IndexFunc(rec.names, func(n string) bool { return column(n) == "userID" }); i >= 0 && i < len(rec.values) {
			it.user.UserID = rec.values[i]
		}
		return it
	}
	for i, name := range rec.names {
		c := column(name)
		if c == "" && !im.p.IgnoreColumns {
			it.reject("unknown field " + name + fault.DidYouMean(name, columnNames()))
		}
		if text := rec.values[i]; c != "" && text != "" {
			if why := it.put(c, text); why != "" {
				it.reject(why)
			}
		}
	}
	if it.login.PhoneNumber != "" && it.login.AreaCode == "" {
		it.login.AreaCode = im.p.AreaCode
	}
	return it
}

// put sets a column's value and says why it can't.
func (it *item) put(name, text string) string {
	var n int64
	switch name {
	case "appMangerLevel", "globalRecvMsgOpt", "gender", "birth":
		var err error
		if n, err = strconv.ParseInt(text, 10, 64); err != nil || name != "birth" && (n < 0 || n > 1<<31-1) {
			return name + " " + strconv.Quote(text) + ": want a whole number"
		}
	}
	n32 := int32(n)
	switch name {
	case "userID":
		it.user.UserID = text
	case "nickname":
		it.user.Nickname = text
	case "faceURL":
		it.user.FaceURL = text
	case "ex":
		it.user.Ex = text
	case "appMangerLevel":
		it.user.AppMangerLevel = n32
	case "globalRecvMsgOpt":
		it.user.GlobalRecvMsgOpt, it.opted = n32, true
	case "account":
		it.login.Account = text
	case "areaCode":
		it.login.AreaCode = text
	case "phoneNumber":
		it.login.PhoneNumber = text
	case "email":
		it.login.Email = text
	case "password":
		it.login.Password = bindings.Secret(text)
	case "gender":
		it.login.Gender = &n32
	case "birth":
		it.login.Birth = n
	}
	return ""
}

// check applies the rules that need no server; "" = the row may be sent.
func (im *importer) check(it *item) string {
	if why := flaw(it.user.UserID); why != "" {
		return why
	}
	if strings.TrimSpace(it.user.Nickname) == "" && im.p.OnConflict != "update" {
		return "nickname is blank"
	}
	if im.chat && it.login.wanted() {
		if err := it.login.check(); err != nil {
			return fault.From(err).Message
		}
	}
	if !im.chat && im.p.Extra == "ex" {
		if why := it.extraToEx(); why != "" {
			return why
		}
	}
	return ""
}

// extraToEx keeps in ex, as JSON, what the message server has no field for. A password is kept nowhere.
func (it *item) extraToEx() string {
	o := value.NewObject()
	for _, f := range []struct{ name, text string }{
		{"account", it.login.Account}, {"areaCode", it.login.AreaCode}, {"phoneNumber", it.login.PhoneNumber}, {"email", it.login.Email},
	} {
		if f.text != "" {
			o.Set(f.name, f.text)
		}
	}
	if it.login.Gender != nil {
		o.Set("gender", int64(*it.login.Gender))
	}
	if it.login.Birth != 0 {
		o.Set("birth", it.login.Birth)
	}
	if o.Len() == 0 {
		return ""
	}
	if it.user.Ex != "" {
		return "ex has a value already: there is no place for " + strings.Join(o.Keys(), ", ")
	}
	text, err := value.Marshal(o)
	if err != nil {
		return err.Error()
	}
	it.user.Ex = string(text)
	return ""
}
