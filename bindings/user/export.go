package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// ExportParams are the parameters of user.export.
type ExportParams struct {
	File       string `arg:"1,required" help:"the file to write; - is standard output"`
	Format     string `default:"auto" enum:"auto,csv,jsonl,xlsx" help:"the file's format; auto goes by its name"`
	System     bool   `help:"also export admins, notification accounts and robots"`
	Full       bool   `help:"add the chat server's login names, phones and e-mails; passwords are never exported"`
	BOM        bool   `json:"bom" help:"begin a CSV file with the mark that spreadsheets know UTF-8 by"`
	ShowNumber int64  `default:"1000" min:"1" help:"accounts in one page"`
}

// ExportResult is the result of user.export.
type ExportResult struct {
	File   string `key:"true" column:"1" help:"the file that was written"`
	Format string `column:"2" help:"its format"`
	Rows   int64  `column:"3" help:"accounts in it"`
}

func exportOp() bindings.Op {
	return bindings.Op{
		Name: "export", Effect: bindings.Read,
		Doc: "Write all accounts to a CSV, JSONL or XLSX file that user.import takes back.",
		Notes: "The file appears under its name only when it is complete. Passwords can't be exported: after an import elsewhere they have to be set anew. " +
			"createTime is written for the record; the server stamps imported accounts itself.\n" +
			"With file=\"-\" the accounts go to standard output and there is no other result.",
		Example: `user.export{file="users.csv"}`,
		Run:     bindings.Func(runExport),
	}
}

// runExport gives no result for standard output: it would stand between the rows and the reader.
func runExport(ctx context.Context, env *bindings.Env, p ExportParams) (*ExportResult, error) {
	format, err := formatOf(p.Format, p.File)
	if err != nil {
		return nil, err
	}
	if p.Full && !env.API.HasChat() {
		return nil, fault.New(fault.Unsupported, "no chat server is configured: there are no login names to export").WithHint("leave full out")
	}
	f, err := env.Create(p.File)
	if err != nil {
		if e := fault.From(err); e.Kind != fault.Internal {
			return nil, e
		}
		return nil, fault.New(fault.Usage, "%s can't be written: %w", p.File, err)
	}
	defer f.Discard()
	out, err := newWriter(format, f, exportColumns(p.Full), p.BOM)
	if err != nil {
		return nil, err
	}
	defer out.discard()
	rows, err := writeAccounts(ctx, env, p, out)
	if err == nil {
		err = out.close()
	}
	if err == nil {
		err = f.Commit()
	}
	if err != nil {
		if e := fault.From(err); e.Kind != fault.Internal {
			return nil, e
		}
		return nil, fault.New(fault.Internal, "%s can't be written: %w", p.File, err)
	}
	if p.File == "-" {
		return nil, nil
	}
	return &ExportResult{p.File, format, rows}, nil
}

func exportColumns(full bool) []string {
	names := []string{"userID", "nickname", "faceURL", "ex", "appMangerLevel", "globalRecvMsgOpt", "createTime"}
	if full {
		names = append(names, "account", "areaCode", "phoneNumber", "email", "gender", "birth")
	}
	return names
}

func writeAccounts(ctx context.Context, env *bindings.Env, p ExportParams, out writer) (int64, error) {
	users := ordinary(ctx, env, filter{}, p.ShowNumber)
	if p.System {
		users = everyone(ctx, env, p.ShowNumber)
	}
	var progress bindings.Progress = noProgress{}
	if env.Track != nil {
		progress = env.Track("export " + p.File)
	}
	defer progress.Finish("")
	names := exportColumns(p.Full)
	var rows int64
	part := make([]User, 0, chunk)
	flush := func() error {
		if p.Full && len(part) > 0 {
			if err := addAttributes(ctx, env, part); err != nil {
				return err
			}
		}
		for _, u := range part {
			if err := out.write(accountRow(u, names)); err != nil {
				return err
			}
		}
		rows += int64(len(part))
		part = part[:0]
		progress.Set(rows, 0)
		return nil
	}
	for u, err := range users {
		if err != nil {
			return rows, err
		}
		if part = append(part, u); len(part) == chunk {
			if err := flush(); err != nil {
				return rows, err
			}
		}
	}
	return rows, flush()
}

// accountRow is an account as plain values in the order of the columns.
func accountRow(u User, names []string) []any {
	o := value.From(u).(*value.Object)
	row := make([]any, len(names))
	for i, n := range names {
		row[i] = member(o, n)
	}
	return row
}
