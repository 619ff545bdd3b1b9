package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// kind is a kind of damage that data.check knows.
type kind struct {
	name   string
	notice bool   // may be as somebody wanted it; no damage
	what   string // how it shows in the stores
	effect string // what users notice
	repair string // what data.repair does; "" is nothing
}

// The kinds of damage.
var (
	seqBehind = kind{name: "seq_behind", what: "seq.max_seq is lower than the highest stored message, or the conversation has no seq",
		effect: "after a restart of Redis new messages get the numbers of stored ones: they overwrite them or stay unseen",
		repair: "max_seq is raised to the highest stored message"}
	liveSeqBehind = kind{name: "live_seq_behind",
		what:   "MALLOC_SEQ in Redis counts below the highest stored message, or does not end where seq.max_seq ends",
		effect: "new messages get the numbers of stored ones now",
		repair: "max_seq is raised to the highest of both, and the live counter is deleted: the next message starts after max_seq, which is a harmless gap"}
	readAhead = kind{name: "read_ahead", what: "seq_user.read_seq is higher than the last number given out",
		effect: "messages that come count as read before anybody saw them",
		repair: "read_seq is lowered to the last number given out"}
	minAboveMax = kind{name: "min_above_max", what: "min_seq of a conversation or of a user in it is beyond the next number",
		effect: "messages that come stay invisible until their number has passed min_seq",
		repair: "min_seq is lowered to the next number: what was hidden stays hidden, what comes is seen"}
	duplicateSeqRow = kind{name: "duplicate_seq_row", what: "two documents of seq, or of seq_user, for one key (their indexes are not unique)",
		effect: "the services read one and write the other: numbers and read positions jump back",
		repair: "the oldest stays, with the highest max_seq of a conversation, and the highest min_seq and read_seq; the others are removed"}
	messageMisplaced = kind{name: "message_misplaced",
		what:   "a message lies where its number does not belong, a doc_id is malformed, or a document has not 100 places",
		effect: "the services find messages by their place: this one is found under another number, or not at all",
		repair: "the message gets the number of its place; a document that is too short gets empty places; a malformed doc_id needs a person"}
	duplicateClientMsg = kind{name: "duplicate_client_msg", what: "one sender's clientMsgID stands twice in a conversation",
		effect: "clients show the message twice, or drop one of them, and unread counts differ",
		repair: "the later one is emptied in its place, as the server does when a message is deleted; where the contents differ a person has to look"}
	orphanMember = kind{name: "orphan_member", what: "a member of a group that does not exist, or a member that does not exist",
		effect: "lists of groups and of members fail or count too many",
		repair: "the membership is removed"}
	orphanFriend = kind{name: "orphan_friend", what: "a friendship or a block with a user that does not exist",
		effect: "the friend list or block list counts too many, and shows a bare id",
		repair: "it is removed"}
	oneSidedFriend = kind{name: "one_sided_friend", notice: true, what: "one has the other as a friend, and not the other way round",
		effect: "the server's delete_friend ends one direction only, so this may be wanted",
		repair: ""}
	groupWithoutOwner = kind{name: "group_without_owner", what: "a group that is not dismissed has no owner",
		effect: "nobody can dismiss it or hand it over; calls that need the owner fail",
		repair: "the creator becomes the owner when still a member, or else the admin, or the member, that joined first; without members purge the group"}
	groupTwoOwners = kind{name: "group_two_owners", what: "a group has more than one owner (transfer_group with a wrong old owner)",
		effect: "both can dismiss it, and which one is shown changes",
		repair: "the creator stays when an owner, or else the one that joined first; the others become admins"}
	orphanConversation = kind{name: "orphan_conversation", what: "a conversation whose owner does not exist",
		effect: "none for users; it comes back to whoever registers that id",
		repair: "it is removed; the messages stay, they are those of the others too"}
	badType = kind{name: "bad_type", what: "a field has a type that the services don't read as the right one",
		effect: "they fail on the whole document, or on the whole list that it is part of",
		repair: "it gets the right type where nothing is lost: digits to a number, 1 and 0 to true and false, RFC 3339 or milliseconds to a date"}
)

// kinds lists them all, worst first.
var kinds = []kind{
	seqBehind, liveSeqBehind, messageMisplaced, duplicateSeqRow, duplicateClientMsg, minAboveMax, readAhead, badType,
	groupWithoutOwner, groupTwoOwners, orphanMember, orphanFriend, orphanConversation, oneSidedFriend,
}

func (k kind) severity() string {
	if k.notice {
		return "notice"
	}
	return "damage"
}

// kindNotes explains the kinds, for the help.
func kindNotes() string {
	var b strings.Builder
	for _, k := range kinds {
		repair := k.repair
		if repair == "" {
			repair = "none, look at it"
		}
		fmt.Fprintf(&b, "%s: %s. Consequence: %s. Repair: %s.\n", k.name, k.what, k.effect, repair)
	}
	return b.String()
}

// damageKinds is the set of the kinds that are named, of all when none is.
func damageKinds(names []string) (map[string]bool, error) {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = k.name
	}
	if len(names) == 0 {
		names = all
	}
	chosen := map[string]bool{}
	for i, name := range names {
		if !slices.Contains(all, name) {
			return nil, fault.New(fault.Usage, "kinds[%d]: no kind %q%s", i+1, name, fault.DidYouMean(name, all)).
				WithHint("the kinds are %s", strings.Join(all, ", "))
		}
		chosen[name] = true
	}
	return chosen, nil
}
