package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// clock tells the time; a test sets its own.
type clock func() time.Time

// uploadedPriorTo reads the value of --uploaded-prior-to: a moment in ISO 8601
// form, in local time unless it says otherwise, or "PnD" for n days before now.
func uploadedPriorTo(value string, now clock) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutPrefix(strings.ToUpper(value), "P"); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(days, "D"))
		if err != nil || n < 0 || !strings.HasSuffix(days, "D") {
			return time.Time{}, &usageError{msg: fmt.Sprintf("option --uploaded-prior-to: %s is not of the form PnD, n days", pyQuote(value))}
		}
		return now().AddDate(0, 0, -n), nil
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, value, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{msg: fmt.Sprintf("option --uploaded-prior-to: invalid date %s: give it as 2026-01-31, 2026-01-31T12:00:00Z, or P7D for seven days ago", pyQuote(value))}
}
