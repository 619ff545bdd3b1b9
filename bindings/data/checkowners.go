package data

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// owners looks for groups with no owner, or more than one. The members of such a group are read again.
func (c *checker) owners(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(c.groups)) {
		g := c.groups[id]
		if g.dismissed || g.owners == 1 {
			continue
		}
		if err := c.owner(ctx, id, g); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) owner(ctx context.Context, id string, g *groupState) error {
	var members, owners []bson.Raw
	err := read(ctx, c.db.Collection("group_member"), bson.D{{Key: "group_id", Value: id}}, nil, nil, func(doc bson.Raw) error {
		if slices.Contains(g.orphans, text(doc, "user_id")) || !c.users[text(doc, "user_id")] {
			return nil
		}
		doc = slices.Clone(doc)
		members = append(members, doc)
		if num(doc, "role_level") == roleOwner {
			owners = append(owners, doc)
		}
		return nil
	})
	if err != nil {
		return err
	}
	f := Finding{Collection: "group", ID: id}
	// As many owners as now, whatever becomes of those whose accounts are missing.
	still := given{"group_member", bson.D{{Key: "group_id", Value: id}, {Key: "role_level", Value: roleOwner}}, int64(len(owners))}
	if len(g.orphans) > 0 {
		still.filter = append(still.filter, bson.E{Key: "user_id", Value: bson.D{{Key: "$nin", Value: g.orphans}}})
	}
	switch {
	case len(owners) == 0:
		f.Detail = fmt.Sprintf("none of its %d members is the owner", len(members))
		if len(members) > 0 {
			heir := firstOf(members, g.creator)
			f.Detail += "; " + text(heir, "user_id") + " is next"
			f.fix = &fix{given: []given{still}, writes: []write{setting("group_member", heir, bson.D{{Key: "role_level", Value: int32(roleOwner)}})}}
		}
		return c.found(groupWithoutOwner, f)
	case len(owners) > 1:
		stays := firstOf(owners, g.creator)
		var names []string
		f.fix = &fix{given: []given{still}}
		for _, o := range owners {
			names = append(names, text(o, "user_id"))
			if text(o, "user_id") != text(stays, "user_id") {
				f.fix.writes = append(f.fix.writes, setting("group_member", o, bson.D{{Key: "role_level", Value: int32(roleAdmin)}}))
			}
		}
		slices.Sort(names)
		f.Detail = fmt.Sprintf("its owners are %s; %s stays", strings.Join(names, ", "), text(stays, "user_id"))
		return c.found(groupTwoOwners, f)
	}
	return nil
}

// firstOf is the member that comes first as the owner: the creator, or else the highest role, and the longest there.
func firstOf(members []bson.Raw, creator string) bson.Raw {
	return slices.MinFunc(members, func(a, b bson.Raw) int {
		is := func(m bson.Raw) int {
			if text(m, "user_id") == creator {
				return 0
			}
			return 1
		}
		return cmp.Or(is(a)-is(b), cmp.Compare(num(b, "role_level"), num(a, "role_level")), cmp.Compare(when(a, "join_time"), when(b, "join_time")),
			strings.Compare(text(a, "user_id"), text(b, "user_id")))
	})
}
