package fault

// Exit codes of the process; the table in the README is made from ExitCodes.
const (
	ExitOK          = 0
	ExitScript      = 1   // script error, failing tests, or the server refused an operation
	ExitUsage       = 2   // bad usage
	ExitAuth        = 3   // not configured, or credentials refused
	ExitUnreachable = 4   // no OpenIM server answered
	ExitPartial     = 5   // partly done
	ExitNotFound    = 6   // not found
	ExitDenied      = 7   // refused for safety
	ExitNoTests     = 8   // no tests ran
	ExitThreshold   = 9   // a threshold was missed
	ExitInternal    = 70  // a fault of imctl
	ExitTimeout     = 124 // time limit
	ExitInterrupted = 130 // interrupted
)

// ExitMeaning is a row of the exit code table.
type ExitMeaning struct {
	Code    int    `json:"code"`
	Meaning string `json:"meaning"`
}

// ExitCodes lists every exit code with its meaning, in order.
func ExitCodes() []ExitMeaning {
	return []ExitMeaning{
		{ExitOK, "done"},
		{ExitScript, "script error, failing tests, or the server refused an operation"},
		{ExitUsage, "usage: unknown name, bad argument, missing file"},
		{ExitAuth, "not configured, or credentials refused"},
		{ExitUnreachable, "unreachable: no OpenIM server answered"},
		{ExitPartial, "partly done"},
		{ExitNotFound, "not found"},
		{ExitDenied, "refused for safety"},
		{ExitNoTests, "no tests ran"},
		{ExitThreshold, "threshold missed"},
		{ExitInternal, "internal fault of imctl"},
		{ExitTimeout, "timeout"},
		{ExitInterrupted, "interrupted"},
	}
}

// ExitCode is the exit code of a process that ends with err.
func ExitCode(err error) int {
	e := From(err)
	if e == nil {
		return ExitOK
	}
	switch e.Kind {
	case Usage:
		return ExitUsage
	case Auth:
		return ExitAuth
	case Unreachable:
		return ExitUnreachable
	case Partial:
		return ExitPartial
	case NotFound:
		return ExitNotFound
	case Denied:
		if e.Code != 0 { // the server's NoPermission: the credentials don't reach so far
			return ExitAuth
		}
		return ExitDenied
	case Timeout:
		return ExitTimeout
	case Canceled:
		return ExitInterrupted
	case Internal:
		return ExitInternal
	}
	return ExitScript // API, Exists, Unsupported, Script
}
