package load

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Shard is one part of a load that is split over several processes: number Index, from 1, Of so many. The zero value is a
// load that is not split.
type Shard struct{ Index, Of int }

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Share is this shard's part of a whole of n: the parts of all shards add up to n.
func (s Shard) Share(n int64) int64 { return (n + int64(s.Of-s.Index)) / int64(s.Of) }

// Number is the number in the whole of this shard's k-th piece; both count from 1.
func (s Shard) Number(k int64) int64 { return (k-1)*int64(s.Of) + int64(s.Index) }

// JobIndex is the variable in which an indexed Job of Kubernetes tells a pod its number, from 0.
const JobIndex = "JOB_COMPLETION_INDEX"

// ParseShard reads "2/8". "job/8" takes the number from the variable that an indexed Job of Kubernetes sets.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	bad := func(why string) (Shard, error) {
		return Shard{}, fault.New(fault.Usage, "--shard %s: %s", text, why).WithHint("write 2/8 for the second of eight shards, or job/8 in a Job of Kubernetes")
	}
	left, right, ok := strings.Cut(text, "/")
	of, err := strconv.Atoi(right)
	if !ok || err != nil {
		return bad("it is no shard")
	}
	if of < 1 || of > 10_000 {
		return bad(fmt.Sprintf("there can't be %d shards", of))
	}
	index, err := strconv.Atoi(left)
	if left == "job" {
		if index, err = strconv.Atoi(getenv(JobIndex)); err != nil {
			return bad(JobIndex + " is not set, so this is no pod of an indexed Job")
		}
		index++
	}
	switch {
	case err != nil:
		return bad("it is no shard")
	case index < 1 || index > of:
		return bad(fmt.Sprintf("there is no shard %d of %d", index, of))
	}
	return Shard{index, of}, nil
}
