package cli

import "testing"

func TestMaskReport(t *testing.T) {
	for text, want := range map[string]string{
		`local password = "hunter2"`:                        `local password = "***"`,
		`login{userID='a', password='hun\'ter2', area="x"}`: `login{userID='a', password="***", area="x"}`,
		`expected {token="abc", userID="u"} to equal {}`:    `expected {token="***", userID="u"} to equal {}`,
		`token = ""`:                                     `token = ""`,
		`at user.token: got "a", want "b"`:               `at user.token: ***`,
		`at list[2].secret: missing, want "x"`:           `at list[2].secret: ***`,
		`at password: unexpected "x"`:                    `at password: ***`,
		`at name: got "a", want "token"`:                 `at name: got "a", want "token"`,
		`{"password":"hunter2"} of /login?token=abc&x=1`: `{"password":"***"} of /login?token=***&x=1`,
		`mongodb://u:hunter2@host/db`:                    `mongodb://u:***@host/db`,
		`nothing = "secret" in it`:                       `nothing = "secret" in it`,
	} {
		if got := (&app{}).maskReport(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}
