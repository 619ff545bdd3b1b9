package cli

import (
	"github.com/openimsdk/imctl/bindings/fault"
)

// errorKinds explains the kinds of errors. A test holds the list against the kinds that package fault has.
func errorKinds() []explained {
	kind := func(k fault.Kind, text, hint string) explained {
		exit := fault.ExitCode(&fault.Error{Kind: k})
		return explained{Name: string(k), What: "kind of error", Text: text, Hint: hint, Exit: &exit}
	}
	return []explained{
		kind(fault.Usage, "The call itself is wrong: a field, a flag, a name. Nothing was sent.", "imctl check finds these before a script runs"),
		kind(fault.Auth, "Credentials are missing or were refused.", "imctl context test tries them; imctl context show says where each comes from"),
		kind(fault.NotFound, "The thing that was named does not exist.", ""),
		kind(fault.Exists, "The thing to make is there already.", ""),
		kind(fault.Denied, "Refused for safety by a guard of imctl's, or by the server, which then has an errCode.", "imctl explain protected, imctl explain read-only"),
		kind(fault.API, "The server refused for a reason of its own: its errCode says which.", "imctl explain CODE; look for the operationID in the server's logs"),
		kind(fault.Unreachable, "No OpenIM server answered at the address.", "imctl context test"),
		kind(fault.Timeout, "A time limit ended it. Whether the server did it is not known.", "--timeout limits the whole command, --request-timeout one request"),
		kind(fault.Partial, "A bulk operation did a part. What was not done is in the result or in the rejects file, which can be fed back.", ""),
		kind(fault.Unsupported, "This server, or this context, can't do it; the error says what can be done in its place.", ""),
		kind(fault.Canceled, "It was interrupted.", ""),
		kind(fault.Script, "An error of the Lua script itself.", "imctl check FILE"),
		kind(fault.Internal, "A fault of imctl.", "please report it with the command line and the output"),
	}
}

// concepts explains what the commands and the README take for known.
func concepts() []explained {
	topic := func(name, text, example string) explained {
		return explained{Name: name, What: "topic", Text: text, Example: example}
	}
	return []explained{
		topic("context", "A context is a deployment that imctl knows: addresses, the admin account, where the secret comes from, guards. "+
			"A flag wins over the environment, the environment over the context.", "imctl context add prod --from ./config\nimctl --context prod user count"),
		topic("sandbox", "The sandbox is a stand-in for an OpenIM server in memory. It is the context when nothing is configured, and ends with the command "+
			"unless it was started with imctl sandbox start.", "imctl sandbox start"),
		topic("effect", "Each operation has an effect. read changes nothing; write can be changed back and is recorded in the audit file; destroy loses something "+
			"and asks first on the command line.", ""),
		topic("dry-run", "With --dry-run reads are real and writes are only listed.", "imctl --dry-run run cleanup.lua"),
		topic("read-only", "With --read-only, or read_only in the context, every write is refused before it is sent.", ""),
		topic("protected", "On a protected context a write needs --context NAME on that very command line, so that no default and no forgotten setting writes there.", ""),
		topic("audit", "Every write is recorded: time, context, script and line, operation, parameters without secrets, outcome.", "imctl audit --help"),
		topic("check", "imctl check reads scripts without running them and compares them with the declarations. Every run does it too and prints warnings; "+
			"with --strict nothing runs when it finds something.", "imctl check --strict scripts/"),
		topic("operationID", "An id that imctl sends with each request. The server writes it into its logs: it finds the lines of one call.", ""),
		topic("rows", "An operation that yields many rows gives an iterator in Lua, which asks for pages as they are needed.",
			"for u in user.list() do print(u.userID) end\nlocal all = user.list():all()"),
		topic("int64", "A whole number that a Lua number can't hold arrives as an int64 value, which prints and goes back digit for digit.", `print(int64("9007199254740993"))`),
		topic("fixtures", "Fixtures are accounts and groups for a test, with names that no other run has. They are removed when the test or block that made them "+
			"ends: make them in it or before_all, not in describe itself. What a test or hook makes by operations that are \"taken back\" (their help says it) goes the same way, "+
			"the last thing first; what was there before stays. Messages that were sent stay, and OpenIM has no call that deletes an account or a group: accounts end up retired "+
			"(disabled, with a blank profile, no group, no friend, no block list and no conversation of their own), groups dismissed.", "local alice = fixture.user()"),
		topic("journal", "Before a test makes something, what takes it back is written to a file below the state folder: contexts/CONTEXT/journal. After a failure, Ctrl-C or SIGTERM "+
			"the run takes it back itself, within 10 s; a second Ctrl-C ends at once. What a killed run left, imctl test --sweep removes: a request that was never answered only if it was about an id "+
			"that this run drew, or nobody could tell it from what was there before. The file goes when nothing is left. A sandbox that ends with its command needs none.",
			"imctl --context staging test --sweep"),
	}
}
