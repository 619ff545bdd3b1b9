package data

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// groupState is what is known of a group.
type groupState struct {
	dismissed bool
	creator   string
	owners    int      // whose accounts exist
	orphans   []string // owners whose accounts don't
}

func (c *checker) userIDs(ctx context.Context) error {
	return c.scan(ctx, "user", []string{"user_id"}, nil, func(doc bson.Raw) error {
		c.users[text(doc, "user_id")] = true
		return nil
	})
}

func (c *checker) groupIDs(ctx context.Context) error {
	return c.scan(ctx, "group", []string{"group_id", "status", "creator_user_id"}, nil, func(doc bson.Raw) error {
		c.groups[text(doc, "group_id")] = &groupState{dismissed: num(doc, "status") == groupDismissed, creator: text(doc, "creator_user_id")}
		return nil
	})
}

// reference is a field that names a user or a group.
type reference struct{ field, collection, key string }

func userOf(field string) reference  { return reference{field, "user", "user_id"} }
func groupOf(field string) reference { return reference{field, "group", "group_id"} }

func (c *checker) exists(r reference, id string) bool {
	if r.collection == "group" {
		return c.groups[id] != nil
	}
	return c.users[id]
}

// orphans looks for documents that refer to what does not exist. Who is missing is looked up again, some at a time,
// because it may have been made after the ids were read. good is told of the documents that are all right.
func (c *checker) orphans(ctx context.Context, name string, k kind, refs []reference, good func(bson.Raw)) error {
	var suspects []bson.Raw
	missing := func(doc bson.Raw, r reference) bool { return !c.exists(r, text(doc, r.field)) }
	settle := func() error {
		if err := c.lookUp(ctx, suspects, refs); err != nil {
			return err
		}
		for _, doc := range suspects {
			var lacks []string
			mend := &fix{writes: []write{removal(name, doc)}}
			for _, r := range refs {
				if id := text(doc, r.field); missing(doc, r) {
					lacks = append(lacks, fmt.Sprintf("the %s %s does not exist", r.collection, id))
					mend.given = append(mend.given, given{r.collection, bson.D{{Key: r.key, Value: id}}, 0})
				}
			}
			if len(lacks) == 0 {
				good(doc)
				continue
			}
			if name == "group_member" && num(doc, "role_level") == roleOwner {
				if g := c.groups[text(doc, "group_id")]; g != nil {
					g.orphans = append(g.orphans, text(doc, "user_id"))
				}
			}
			if err := c.found(k, Finding{Collection: name, ID: nameOf(name, doc), Detail: strings.Join(lacks, ", "), fix: mend}); err != nil {
				return err
			}
		}
		suspects = suspects[:0]
		return nil
	}
	err := c.scan(ctx, name, nil, nil, func(doc bson.Raw) error {
		if !slices.ContainsFunc(refs, func(r reference) bool { return missing(doc, r) }) {
			good(doc)
			return nil
		}
		if suspects = append(suspects, slices.Clone(doc)); len(suspects) < 500 {
			return nil
		}
		return settle()
	})
	if err != nil {
		return err
	}
	return settle()
}

// lookUp looks up again who is missing in documents.
func (c *checker) lookUp(ctx context.Context, docs []bson.Raw, refs []reference) error {
	ask := map[string]map[string]bool{}
	keys := map[string]string{}
	for _, doc := range docs {
		for _, r := range refs {
			if id := text(doc, r.field); !c.exists(r, id) {
				if ask[r.collection] == nil {
					ask[r.collection] = map[string]bool{}
				}
				ask[r.collection][id], keys[r.collection] = true, r.key
			}
		}
	}
	for collection, ids := range ask {
		key := keys[collection]
		filter := bson.D{{Key: key, Value: bson.D{{Key: "$in", Value: slices.Sorted(maps.Keys(ids))}}}}
		err := read(ctx, c.db.Collection(collection), filter, nil, nil, func(doc bson.Raw) error {
			if collection == "group" {
				c.groups[text(doc, key)] = &groupState{dismissed: num(doc, "status") == groupDismissed, creator: text(doc, "creator_user_id")}
			} else {
				c.users[text(doc, key)] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) members(ctx context.Context) error {
	if len(c.users) == 0 { // orphan_member is not looked for; who is an owner still depends on who exists
		if err := c.userIDs(ctx); err != nil {
			return err
		}
	}
	return c.orphans(ctx, "group_member", orphanMember, []reference{groupOf("group_id"), userOf("user_id")}, func(doc bson.Raw) {
		if num(doc, "role_level") == roleOwner {
			c.groups[text(doc, "group_id")].owners++
		}
	})
}

func (c *checker) friends(ctx context.Context) error {
	return c.orphans(ctx, "friend", orphanFriend, []reference{userOf("owner_user_id"), userOf("friend_user_id")}, func(bson.Raw) {})
}

func (c *checker) blacks(ctx context.Context) error {
	return c.orphans(ctx, "black", orphanFriend, []reference{userOf("owner_user_id"), userOf("block_user_id")}, func(bson.Raw) {})
}

func (c *checker) conversations(ctx context.Context) error {
	return c.orphans(ctx, "conversation", orphanConversation, []reference{userOf("owner_user_id")}, func(bson.Raw) {})
}

// pairLimit is how many friendships are remembered at a time: some 30 MB. Tests lower it.
var pairLimit int64 = 200_000

// oneSided looks for friendships without their other direction. Of more than can be remembered it takes a part at a time.
func (c *checker) oneSided(ctx context.Context) error {
	friends := c.db.Collection("friend")
	_, count, err := c.sized(ctx, "friend")
	if err != nil {
		return err
	}
	parts := uint64(count/2/pairLimit + 1)
	seed := maphash.MakeSeed()
	for part := range parts {
		open := map[[2]string]bool{} // true: the first is the owner
		err := read(ctx, friends, bson.D{}, []string{"owner_user_id", "friend_user_id"}, nil, func(doc bson.Raw) error {
			owner, friend := text(doc, "owner_user_id"), text(doc, "friend_user_id")
			if !c.users[owner] || !c.users[friend] {
				return nil
			}
			pair := [2]string{min(owner, friend), max(owner, friend)}
			if parts > 1 && maphash.Comparable(seed, pair)%parts != part {
				return nil
			}
			if ownerFirst, met := open[pair]; met && ownerFirst != (pair[0] == owner) {
				delete(open, pair)
			} else {
				open[pair] = pair[0] == owner
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, pair := range slices.SortedFunc(maps.Keys(open), func(a, b [2]string) int { return strings.Compare(a[0]+"/"+a[1], b[0]+"/"+b[1]) }) {
			owner, friend := pair[0], pair[1]
			if !open[pair] {
				owner, friend = friend, owner
			}
			n, err := friends.CountDocuments(ctx, bson.D{{Key: "owner_user_id", Value: friend}, {Key: "friend_user_id", Value: owner}})
			if err != nil {
				return err
			}
			if n > 0 { // made since
				continue
			}
			f := Finding{Collection: "friend", ID: owner + "/" + friend, Detail: fmt.Sprintf("%s has %s as a friend, and %s has not %s", owner, friend, friend, owner)}
			if err := c.found(oneSidedFriend, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// sized is the size of a collection, 0 of one that does not exist.
func (c *checker) sized(ctx context.Context, name string) (size, count int64, err error) {
	if !c.there[name] {
		return 0, 0, nil
	}
	return collectionSize(ctx, c.db, name)
}
