package sandbox

import (
	"strings"
	"time"
)

// object is a JSON object of a config file, with the names of Go fields.
type object map[string]any

// configFiles are the files as the config API shows them: the shipped values, but with
// this server's own addresses and secret (OPERATIONS, configuration files).
func (c *call) configFiles() *table[string, object] {
	files := newTable[string, object]()
	files.put("discovery.yml", object{
		"Enable":     "standalone",
		"Etcd":       object{"RootDirectory": "openim", "Address": []string{"localhost:12379"}, "Username": "", "Password": ""},
		"Kubernetes": object{"Namespace": "default"},
		"RpcService": object{
			"User": "user-rpc-service", "Friend": "friend-rpc-service", "Msg": "msg-rpc-service", "Push": "push-rpc-service",
			"MessageGateway": "messagegateway-rpc-service", "Group": "group-rpc-service", "Auth": "auth-rpc-service",
			"Conversation": "conversation-rpc-service", "Third": "third-rpc-service",
		},
	})
	files.put("kafka.yml", object{
		"Username": "", "Password": "", "ProducerAck": "", "CompressType": "none", "Address": []string{"localhost:19094"},
		"ToRedisTopic": "toRedis", "ToMongoTopic": "toMongo", "ToPushTopic": "toPush", "ToOfflinePushTopic": "toOfflinePush",
		"ToRedisGroupID": "redis", "ToMongoGroupID": "mongo", "ToPushGroupID": "push", "ToOfflineGroupID": "offlinePush",
		"Tls": object{"EnableTLS": false, "CACrt": "", "ClientCrt": "", "ClientKey": "", "ClientKeyPwd": "", "InsecureSkipVerify": false},
	})
	files.put("local-cache.yml", localCacheFile())
	files.put("log.yml", object{
		"StorageLocation": "../../../../logs/", "RotationTime": 24, "RemainRotationCount": 2, "RemainLogLevel": 6,
		"IsStdout": false, "IsJson": false, "IsSimplify": true, "WithStack": false,
	})
	files.put("minio.yml", object{
		"Bucket": "openim", "AccessKeyID": "root", "SecretAccessKey": "openIM123", "SessionToken": "",
		"InternalAddress": "localhost:10005", "ExternalAddress": "http://external_ip:10005", "PublicRead": false,
	})
	files.put("mongodb.yml", object{
		"URI": "", "Address": []string{"localhost:37017"}, "Database": "openim_v3", "Username": "openIM", "Password": "openIM123",
		"AuthSource": "openim_v3", "MaxPoolSize": 100, "MaxRetry": 10, "MongoMode": "standalone",
	})
	files.put("notification.yml", notificationFile())
	files.put("openim-api.yml", object{
		"Api":         object{"ListenIP": "0.0.0.0", "Ports": []int{10002}, "CompressionLevel": 0},
		"Prometheus":  object{"Enable": true, "AutoSetPorts": true, "Ports": nil, "GrafanaURL": ""},
		"RateLimiter": rateLimiter(),
	})
	files.put("openim-crontask.yml", object{
		"CronExecuteTime": "0 2 * * *", "RetainChatRecords": 365, "FileExpireTime": 180,
		"DeleteObjectType": []string{"msg-picture", "msg-file", "msg-voice", "msg-video", "msg-video-snapshot", "sdklog"},
	})
	files.put("openim-msggateway.yml", service(object{
		"ListenIP": "0.0.0.0",
		"LongConnSvr": object{
			"Ports": []int{10001}, "WebsocketMaxConnNum": maxConnections, "WebsocketMaxMsgLen": 4096, "WebsocketTimeout": 10,
		},
	}))
	files.put("openim-msgtransfer.yml", object{
		"Prometheus":  object{"Enable": true, "AutoSetPorts": true, "Ports": nil},
		"RateLimiter": rateLimiter(), "CircuitBreaker": circuitBreaker(),
	})
	files.put("openim-push.yml", service(object{
		"MaxConcurrentWorkers": 3, "Enable": "", "FullUserCache": true,
		"IOSPush": object{"PushSound": "xxx", "BadgeCount": true, "Production": false},
	}))
	files.put("openim-rpc-auth.yml", service(object{"TokenPolicy": object{"Expire": int(tokenLife / (24 * time.Hour))}}))
	files.put("openim-rpc-conversation.yml", service(object{}))
	files.put("openim-rpc-friend.yml", service(object{}))
	files.put("openim-rpc-group.yml", service(object{"EnableHistoryForNewMembers": true}))
	files.put("openim-rpc-msg.yml", service(object{"FriendVerify": false}))
	files.put("openim-rpc-third.yml", service(object{"Object": object{"Enable": ""}})) // storage is off here
	files.put("openim-rpc-user.yml", service(object{}))
	files.put("redis.yml", object{
		"Disable": false, "Address": []string{c.redis.Addr()}, "Username": "", "Password": "", "RedisMode": "standalone",
		"DB": 0, "MaxRetry": 10, "PoolSize": 100,
	})
	files.put("share.yml", object{
		"Secret":         c.cfg.Secret,
		"IMAdminUser":    object{"UserIDs": []string{c.cfg.AdminUserID}, "Nicknames": []string{"superAdmin"}},
		"MultiLogin":     object{"Policy": 1, "MaxNumOneEnd": 30},
		"RPCMaxBodySize": object{"RequestMaxBodySize": 8388608, "ResponseMaxBodySize": 8388608},
	})
	files.put("webhooks.yml", object{"URL": "http://127.0.0.1:10006/callbackExample"})
	return files
}

// Durations are nanoseconds, as Go writes them.
func rateLimiter() object {
	return object{"Enable": false, "Window": 20 * time.Second, "Bucket": 500, "CPUThreshold": 850}
}

func circuitBreaker() object {
	return object{"Enable": false, "Window": 5 * time.Second, "Bucket": 100, "Success": 0.6, "Request": 500}
}

// service adds what the files of all RPC services hold.
func service(own object) object {
	own["RPC"] = object{"RegisterIP": "", "ListenIP": "0.0.0.0", "AutoSetPorts": true, "Ports": nil}
	own["Prometheus"] = object{"Enable": true, "Ports": nil}
	own["RateLimiter"], own["CircuitBreaker"] = rateLimiter(), circuitBreaker()
	return own
}

func localCacheFile() object {
	file := object{}
	for _, part := range []string{"Auth", "User", "Group", "Friend", "Conversation"} {
		file[part] = object{
			"Topic": "DELETE_CACHE_" + strings.ToUpper(part), "SlotNum": 100, "SlotSize": 2000, "SuccessExpire": 300, "FailedExpire": 5,
		}
	}
	return file
}

// notificationFile tells which notifications are stored as messages; see note.go.
func notificationFile() object {
	file := object{}
	add := func(isSendMsg bool, names ...string) {
		for _, name := range names {
			file[name] = object{
				"IsSendMsg": isSendMsg, "ReliabilityLevel": 1, "UnreadCount": false,
				"OfflinePush": object{"Enable": false, "Title": "", "Desc": "", "Ext": ""},
			}
		}
	}
	add(true, "GroupCreated", "MemberQuit", "GroupOwnerTransferred", "MemberKicked", "MemberInvited", "MemberEnter",
		"GroupDismissed", "GroupMuted", "GroupCancelMuted", "GroupMemberMuted", "GroupMemberCancelMuted",
		"GroupInfoSetAnnouncement", "GroupInfoSetName", "FriendApplicationApproved", "ConversationSetPrivate")
	add(false, "GroupInfoSet", "JoinGroupApplication", "GroupApplicationAccepted", "GroupApplicationRejected",
		"GroupMemberInfoSet", "GroupMemberSetToAdmin", "GroupMemberSetToOrdinary", "FriendApplicationAdded",
		"FriendApplicationRejected", "FriendAdded", "FriendDeleted", "FriendRemarkSet", "BlackAdded", "BlackDeleted",
		"FriendInfoUpdated", "UserInfoUpdated", "UserStatusChanged", "ConversationChanged")
	return file
}
