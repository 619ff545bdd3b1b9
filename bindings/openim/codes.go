package openim

import (
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// The codes that the client itself acts on.
const (
	codeInternal      = 500
	codeArgs          = 1001
	codeNoPermission  = 1002
	codeTokenExpired  = 1501
	codeTokenKicked   = 1506
	codeTokenNotExist = 1507
	codeChatPassword  = 20001
	codeChatNoAccount = 20002
	codeChatTokenGone = 20101
)

// CodeInfo explains an errCode.
type CodeInfo struct {
	Code    int
	Name    string
	Meaning string // one line
	Hint    string // what to do about it; may be empty
	Kind    fault.Kind
}

// Explain looks up an errCode of the message server or of the chat server.
func Explain(code int) (CodeInfo, bool) {
	for _, info := range codes() {
		if info.Code == code {
			return info, true
		}
	}
	if code >= 10001 && code <= 10014 {
		return CodeInfo{code, "AccountError", "an account or login error of the chat server", "", fault.API}, true
	}
	return CodeInfo{Code: code, Kind: fault.API}, false
}

// codes is the table: open-im-server pkg/common/servererrs/code.go (SERVER-BEHAVIOUR §2) and the chat server's
// errors (CHAT-ADMIN, Error codes).
func codes() []CodeInfo {
	const ownAccount = "the token no longer holds; another client may have logged in with the same account"
	return []CodeInfo{
		{429, "TooManyRequests", "the server's rate limiter refused the request unread", "send fewer requests at a time (--rate)", fault.API},
		{500, "ServerInternalError", "an error without a code: database, duplicate key, webhook, or a fault of the server",
			"look for the operationID in the server's logs", fault.API},
		{1001, "ArgsError", "an argument is bad or missing", "", fault.API},
		{1002, "NoPermissionError", "the account may not do this", "most calls need a token of an admin listed in the server's share.yml", fault.Denied},
		{1003, "DuplicateKeyError", "it exists already", "", fault.Exists},
		{1004, "RecordNotFoundError", "a user, record or conversation that was named does not exist", "", fault.NotFound},
		{1101, "UserIDNotFoundError", "no such user, or not a member of the group", "", fault.NotFound},
		{1102, "RegisteredAlreadyError", "a user is registered already; nothing of the batch was done", "the server does not say which one: ask with user.exists", fault.Exists},
		{1201, "GroupIDNotFoundError", "no such group", "", fault.NotFound},
		{1202, "GroupIDExisted", "the group exists already", "", fault.Exists},
		{1203, "NotInGroupYetError", "the user is not a member of the group", "", fault.API},
		{1204, "DismissedAlreadyError", "the group was dismissed", "", fault.API},
		{1205, "GroupTypeNotSupport", "the group's type does not allow this", "groupType must be 2", fault.API},
		{1206, "GroupRequestHandled", "the request to join was answered already", "", fault.API},
		{1301, "CanNotAddYourselfError", "a user can't be a friend of itself", "", fault.API},
		{1302, "BlockedByPeer", "the receiver has blocked the sender", "", fault.API},
		{1303, "NotPeersFriend", "the receiver is not a friend of the sender, and the server asks for that", "", fault.API},
		{1304, "RelationshipAlreadyError", "the two are friends already", "", fault.Exists},
		{1305, "FriendRequestHandled", "the friend request was answered already", "", fault.API},
		{1401, "MessageHasReadDisable", "read receipts are off on this server", "", fault.API},
		{1402, "MutedInGroup", "the sender is muted in the group", "", fault.API},
		{1403, "MutedGroup", "the group is muted", "", fault.API},
		{1404, "MsgAlreadyRevoke", "the message was revoked already", "", fault.API},
		{1501, "TokenExpiredError", "the token has expired", "get a new token", fault.Auth},
		{1502, "TokenInvalidError", "the token is not valid", "get a new token", fault.Auth},
		{1503, "TokenMalformedError", "the token is not a JWT", "give the bare token, without \"Bearer\"", fault.Auth},
		{1504, "TokenNotValidYetError", "the token is not valid yet", "compare the clocks of the server's machines", fault.Auth},
		{1505, "TokenUnknownError", "the token's signature is wrong", "the token may be of another deployment, or the server's secret was changed", fault.Auth},
		{1506, "TokenKickedError", "the token was kicked", ownAccount, fault.Auth},
		{1507, "TokenNotExistError", "the server has no such token", ownAccount, fault.Auth},
		{1601, "ConnOverMaxNumLimit", "the gateway has no room for another connection", "", fault.API},
		{1602, "ConnArgsErr", "the gateway refused the connection's parameters", "", fault.API},
		{1603, "PushMsgErr", "the message could not be pushed", "", fault.API},
		{1604, "IOSBackgroundPushErr", "the device is an iOS one in the background", "", fault.API},
		{1701, "FileUploadedExpired", "the upload has expired", "start the upload again", fault.API},
		{80000, "CallbackError", "a webhook refused it", "the webhook's receiver decides; look at the deployment's webhooks.yml", fault.API},
		{90002, "DatabaseError", "the server's database failed", "look at the server's logs and its MongoDB", fault.API},
		{90004, "NetworkError", "the server could not reach one of its parts, or a webhook", "look at the server's logs", fault.API},
		{90007, "DataError", "the server got data it could not use", "look at the server's logs", fault.API},
		{20001, "PasswordError", "wrong password (chat server)", "", fault.Auth},
		{20002, "AccountNotFound", "no such account (chat server)", "", fault.NotFound},
		{20003, "PhoneAlreadyRegister", "the phone number is taken (chat server)", "", fault.Exists},
		{20004, "AccountAlreadyRegister", "the account name is taken (chat server)", "", fault.Exists},
		{20005, "VerifyCodeError", "trouble with the verify code (chat server)", "", fault.API},
		{20006, "VerifyCodeError", "trouble with the verify code (chat server)", "", fault.API},
		{20007, "VerifyCodeError", "trouble with the verify code (chat server)", "", fault.API},
		{20008, "VerifyCodeError", "trouble with the verify code (chat server)", "", fault.API},
		{20009, "VerifyCodeError", "trouble with the verify code (chat server)", "", fault.API},
		{20010, "InvitationCodeUsed", "the invitation code was used already (chat server)", "", fault.API},
		{20011, "InvitationNotFound", "no such invitation code (chat server)", "", fault.NotFound},
		{20012, "Forbidden", "the account or the address is blocked (chat server)", "see user.disabled, or the chat server's /forbidden/ip/search", fault.Denied},
		{20013, "RefuseFriend", "the user takes no friend requests (chat server)", "", fault.API},
		{20014, "EmailAlreadyRegister", "the e-mail address is taken (chat server)", "", fault.Exists},
		{codeChatTokenGone, "TokenNotExist", "the chat server has no such token", ownAccount, fault.Auth},
	}
}

// kindOf is the kind of a refusal. The single-process server gives errors of its database without a code: a missing
// row and a duplicate key are told apart by their text (SERVER-BEHAVIOUR §2, NF and DUP).
func kindOf(env envelope, info CodeInfo) fault.Kind {
	if env.code == codeInternal {
		text := env.msg + " " + env.dlt
		switch {
		case strings.Contains(text, "mongo: no documents in result"):
			return fault.NotFound
		case strings.Contains(text, "E11000 duplicate key"):
			return fault.Exists
		}
	}
	return info.Kind
}
