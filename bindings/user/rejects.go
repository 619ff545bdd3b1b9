package user

import (
	"io"

	"github.com/openimsdk/imctl/bindings/fault"
)

// openRejects begins the file of rejected rows, which has the header of the imported file.
func (im *importer) openRejects(header string) error {
	if im.p.Rejects == "" {
		return nil
	}
	f, err := im.env.Create(im.p.Rejects)
	if err != nil {
		if e := fault.From(err); e.Kind != fault.Internal {
			return e
		}
		return fault.New(fault.Usage, "%s can't be written: %w", im.p.Rejects, err)
	}
	im.rejects = f
	if header == "" {
		return nil
	}
	return im.writeReject(header)
}

func (im *importer) closeRejects() {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.rejects != nil {
		im.rejects.Discard()
		im.rejects = nil // a reader that is still at work after an interruption writes nothing more
	}
}

// addReject counts a rejected row and writes it out as it stood in the file.
func (im *importer) addReject(it *item) error {
	im.res.Rejected++
	if len(im.res.Rejects) < shownRejects {
		im.res.Rejects = append(im.res.Rejects, Reject{it.row, it.user.UserID, it.reason})
	}
	if im.rejects == nil {
		return nil
	}
	return im.writeReject(it.raw)
}

func (im *importer) writeReject(text string) error {
	if _, err := io.WriteString(im.rejects, text+im.src.lineEnd()); err != nil {
		return fault.New(fault.Internal, "%s can't be written: %w", im.p.Rejects, err)
	}
	return nil
}
