package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// faultOfRow says how a row of the failure matrix (testdata/traffic) is caused: the
// first rule whose expressions fit where and what was injected. $1 and $2 of the two
// expressions together go into the spec. A reason instead of a spec begins with "!".
var faultOfRow = []struct{ where, injected, spec string }{
	{`first handshake`, `(?:HTTP 200|upgraded, TEXT) envelope errCode (\d+)(?:, closed)?$`, "ws-refuse=$1"},
	{`handshake after a cut`, `(?:HTTP 200|upgraded, TEXT) envelope errCode (\d+)(?:, closed)?$`, "ws-cut-after=2s@1,ws-refuse=$1@2-"},
	{`first handshake`, `HTTP 200 envelope errCode (\d+) \(no upgrade\)`, "ws-refuse-http=$1"},
	{`handshake after a cut`, `HTTP 200 envelope errCode (\d+) \(no upgrade\)`, "ws-cut-after=2s@1,ws-refuse-http=$1@2-"},
	{`first handshake`, `HTTP (\d+) empty body`, "ws-status=$1"},
	{`first handshake`, `TCP closed twice, then good`, "ws-hangup@1-2"},
	{`handshake after a cut`, `TCP closed four times`, "ws-cut-after=2s@1,ws-hangup@2-5"},
	{`handshake after a cut`, `TCP closed three times`, "ws-cut-after=2s@1,ws-hangup@2-4"},
	{`first handshake`, `101 but no first TEXT frame.*`, "ws-no-first-text"},
	{`after a good handshake`, `unasked TEXT frame .*`, "ws-first-text"},
	{`idle connection`, `TEXT frame \{type:ping\}`, "ws-text-ping=3s"},
	{`idle connection`, `control PING`, "ws-ping=3s"},
	{`idle connection`, `no PING from the server for 160 s`, "ws-quiet"},
	{`control PING from the client`, `no PONG`, "ws-no-pong"},
	{`TEXT ping from the client`, `no pong`, "ws-no-pong"},
	{`answers`, `binary frames not gzipped.*`, "ws-plain"},
	{`answers`, `gzipped JSON instead of gob`, "ws-wrong-encoding"},
	{`connection cut`, ``, "ws-cut-after=2s@1"},
	{`WS (\d+)`, `no answer`, "ws-silent=$1"},
	{`WS (\d+)`, `errCode (\d+)`, "ws-errcode=$1:$2"},
	{`WS (\d+)`, `data absent`, "ws-nodata=$1"},
	{`WS (\d+)`, `errCode (\d+), or data absent`, "ws-errcode=$1:$2@1,ws-nodata=$1@2-"},
	{`WS (1003)`, `connection cut instead of an answer`, "ws-cut=$1"},
	{`WS (1003)`, `serverMsgID absent; clientMsgID absent; sendTime absent`,
		"ws-drop=$1:serverMsgID@1,ws-drop=$1:clientMsgID@2,ws-drop=$1:sendTime@3"},
	{`WS 1003`, `no push to the sender`, "push-not-sender"},
	{`WS 2001`, `MsgData without (\w+)`, "push-drop=$1"},
	{`WS 2001`, `options history=false, persistent=false`, "push-off=history,push-off=persistent"},
	{`WS 2002`, `then close; or connection left open`, "ws-kick-open@1"},
	{`WS 2002`, `then close`, "! no fault: /auth/force_logout does it"},
	{`REST call during the session`, `(/\S+) errCode (\d+)`, "rest-errcode=$1:$2"},
	{`REST (/\S+)(?: at login)?`, `errCode (\d+)`, "rest-errcode=$1:$2"},
	{`REST (/\S+)`, `errCode 500; or no data key`, "rest-errcode=$1:500@1,rest-nodata=$1"},
	{`REST (/\S+)`, `HTTP 404 text; HTTP 500 empty`, "rest-status=$1:404@1,rest-status=$1:500@2"},
	{`REST (/\S+)`, `version and versionID left out.*`, "rest-drop=$1:version,rest-drop=$1:versionID"},
	{`REST (/\S+)`, `full left out \(lists null\)`, "rest-drop=$1:full,rest-null=$1:insert,rest-null=$1:update,rest-null=$1:delete"},
	{`REST lists`, `null instead of \[\] \(friendsInfo null\)`, "rest-null=/friend/get_friend_list:friendsInfo"},
	{`login twice in one process`, ``, "! the client refuses it by itself, no server takes part"},
	{`login again after logout`, ``, "! nothing fails"},
}

func TestFailureMatrixCanBeCaused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../testdata/traffic/failure-matrix.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	used := make([]int, len(faultOfRow))
	byFault, rows := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var row struct{ Client, Where, Injected string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows++
		i, spec := specOf(row.Where, row.Injected)
		if i < 0 {
			t.Errorf("%s, %s: %s: nothing causes it", row.Client, row.Where, row.Injected)
			continue
		}
		used[i]++
		if strings.HasPrefix(spec, "!") {
			continue
		}
		byFault++
		f, err := parseFaults(spec, 0)
		if err != nil {
			t.Errorf("%s, %s: %v", row.Where, row.Injected, err)
		} else if len(f.byName) == 0 {
			t.Errorf("%s, %s: %s is no targeted fault", row.Where, row.Injected, spec)
		}
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("no row for %s: %s", faultOfRow[i].where, faultOfRow[i].injected)
		}
	}
	t.Logf("%d of %d rows are caused by a fault", byFault, rows)
}

func specOf(where, injected string) (int, string) {
	for i, r := range faultOfRow {
		// One expression over both, so that groups are numbered through.
		re := regexp.MustCompile("^" + r.where + "\n" + r.injected + "$")
		text := where + "\n" + injected
		if m := re.FindStringSubmatchIndex(text); m != nil {
			return i, string(re.ExpandString(nil, strings.NewReplacer("$1", "${1}", "$2", "${2}").Replace(r.spec), text, m))
		}
	}
	return -1, ""
}
