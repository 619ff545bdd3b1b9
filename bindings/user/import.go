package user

import (
	"context"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// ImportParams are the parameters of user.import.
type ImportParams struct {
	File          string `arg:"1,required" help:"the file to read; - is standard input"`
	Rejects       string `help:"write the rejected rows to this file, unchanged, so that it can be mended and imported again"`
	OnConflict    string `json:"on_conflict" default:"report" enum:"report,skip,update" help:"a userID that is registered already: reject the row, leave it out, or update the account from it"`
	Format        string `default:"auto" enum:"auto,csv,jsonl,xlsx" help:"the file's format; auto goes by its name"`
	Delimiter     string `default:"," help:"between the fields of a CSV file"`
	IgnoreColumns bool   `json:"ignore_columns" help:"leave out columns that have no meaning here instead of refusing the file"`
	Extra         string `default:"warn" enum:"warn,ex" help:"without a chat server, for phone, e-mail and login name: warn that they find no place, or keep them in ex as JSON"`
	AreaCode      string `help:"chat server: country code for rows that give a phone number alone, like +86"`
	Batch         int    `default:"500" min:"1" help:"rows in one call of the server"`
	Concurrency   int    `default:"8" min:"1" help:"calls at the same time"`
	Restart       bool   `help:"begin at the first row even though an earlier run of the same import was interrupted"`
}

// ImportResult is the result of user.import.
type ImportResult struct {
	Created     int64    `column:"1" help:"accounts registered"`
	Updated     int64    `column:"2" help:"known accounts changed (on_conflict=update)"`
	Skipped     int64    `column:"3" help:"known accounts left alone (on_conflict=skip)"`
	Resumed     int64    `column:"4" help:"accounts that the interrupted run had registered"`
	Rejected    int64    `column:"5" help:"rows that could not be imported"`
	Rows        int64    `column:"6" help:"rows of the file"`
	Seconds     float64  `column:"7" help:"how long it took"`
	PerSecond   float64  `help:"rows in a second"`
	Planned     bool     `json:"planned,omitempty" help:"a dry run: nothing was written, the numbers say what would be"`
	RejectsFile string   `json:"rejectsFile,omitempty" help:"where the rejected rows are"`
	Rejects     []Reject `help:"the first rejected rows"`
}

// Reject is a row that could not be imported.
type Reject struct {
	Row    int64  `help:"its place in the file, from 1; the header does not count"`
	UserID string `help:"its userID"`
	Reason string `help:"why"`
}

// shownRejects is how many rejects a result names.
const shownRejects = 20

func importOp() bindings.Op {
	return bindings.Op{
		Name: "import", Effect: bindings.Write,
		Doc: "Register accounts from a CSV, JSONL or XLSX file of any size.",
		Notes: "Columns are userID, nickname, faceURL, ex, appMangerLevel, globalRecvMsgOpt, and for a chat server account, areaCode, phoneNumber (or phone), email, password, gender, birth. " +
			"An unknown column refuses the file. Values are texts: leading zeros and long numbers stay; in a workbook make such cells text.\n" +
			"The server takes a batch whole or not at all and does not name the bad row: such a batch is split until the bad rows are found. " +
			"When rows were rejected the rest is done and the exit code is 5 (kind partial).\n" +
			"An import that was interrupted, even by kill -9, continues where it stood when the same file is imported again with the same options; nothing is lost or done twice. " +
			"Standard input can't be continued.\nWith a chat server, rows with a login name, phone, e-mail or password are made there, one after the other: it is far slower. " +
			"A blank cell leaves a field alone when an account is updated. --dry-run checks every row against the rules and the server.",
		Example: `user.import{file="users.csv", rejects="bad.csv", on_conflict="skip"}`,
		Run:     bindings.Func(runImport), OwnDryRun: true, OwnUndo: true,
	}
}

func runImport(ctx context.Context, env *bindings.Env, p ImportParams) (ImportResult, error) {
	format, err := formatOf(p.Format, p.File)
	if err != nil {
		return ImportResult{}, err
	}
	if p.Rejects != "" && p.Rejects == p.File && p.File != "-" {
		return ImportResult{}, usage("rejects %q is the file to import itself", p.Rejects)
	}
	if strings.HasSuffix(strings.ToLower(p.Rejects), ".xlsx") {
		return ImportResult{}, usage("rejects %q: rejected rows of a workbook are written as CSV, name it .csv", p.Rejects)
	}
	if p.AreaCode != "" && !strings.HasPrefix(p.AreaCode, "+") {
		return ImportResult{}, usage("areaCode %q must begin with +, like +86", p.AreaCode)
	}
	file, err := openFile(env, p.File)
	if err != nil {
		return ImportResult{}, err
	}
	defer file.Close()
	im := &importer{env: env, p: p, chat: env.API.HasChat(), began: env.Now()}
	in, err := im.identify(file)
	if err != nil {
		return ImportResult{}, err
	}
	if im.src, err = newSource(format, in, p.Delimiter); err != nil {
		return ImportResult{}, err
	}
	if err := im.prepare(); err != nil {
		im.src.close()
		im.closeRejects()
		im.point.close()
		return ImportResult{}, err
	}
	defer im.point.close()
	defer im.closeRejects()
	err = im.run(ctx)
	return im.finish(err)
}

// prepare does all that can fail before the first row is sent.
func (im *importer) prepare() error {
	raw, names := im.src.head()
	if err := checkColumns(names, im.p.IgnoreColumns, im.p.OnConflict != "update"); err != nil {
		return err
	}
	im.warnOfColumns(names)
	if err := im.openRejects(raw); err != nil {
		return err
	}
	return im.resume()
}

// finish makes the result. Rejected rows are a partial failure; an interruption leaves the checkpoint behind.
func (im *importer) finish(err error) (ImportResult, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	res := im.res
	res.Planned = im.env.DryRun
	res.Seconds = float64(im.env.Now().Sub(im.began).Milliseconds()) / 1000
	if res.Seconds > 0 {
		res.PerSecond = float64(int64(float64(res.Rows)/res.Seconds*10)) / 10
	}
	if err != nil {
		e := *fault.From(err)
		if im.point.on() {
			e.Hint = strings.TrimPrefix(e.Hint+fmt.Sprintf("; %d rows are settled: the same import again continues from there", res.Rows), "; ")
		}
		return res, &e
	}
	if im.rejects != nil {
		if err := im.rejects.Commit(); err != nil {
			return res, fault.New(fault.Internal, "the rejects file can't be written: %w", err)
		}
		res.RejectsFile = im.p.Rejects
	}
	if err := im.point.remove(); err != nil {
		im.env.Warning("the checkpoint of this import could not be removed: %v", err)
	}
	if res.Rejected == 0 {
		return res, nil
	}
	first := res.Rejects[0]
	e := fault.New(fault.Partial, "%d of %d rows were rejected; row %d (%s): %s", res.Rejected, res.Rows, first.Row, first.UserID, first.Reason)
	if im.p.Rejects == "" {
		return res, e.WithHint("rejects=\"bad.csv\" writes them to a file that can be mended and imported again")
	}
	return res, e.WithHint("they are in %s, which can be mended and imported again", im.p.Rejects)
}

// warnOfColumns says once which columns find no place.
func (im *importer) warnOfColumns(names []string) {
	var lost []string
	for _, n := range names {
		switch c := column(n); c {
		case "account", "areaCode", "phoneNumber", "email", "gender", "birth":
			if !im.chat && im.p.Extra != "ex" {
				lost = append(lost, n)
			}
		case "password":
			if !im.chat {
				lost = append(lost, n)
			}
		}
	}
	if len(lost) > 0 {
		im.env.Warning("no chat server is configured, and the message server has no place for %s: left out (extra=ex keeps all but a password in ex)",
			strings.Join(lost, ", "))
	}
}
