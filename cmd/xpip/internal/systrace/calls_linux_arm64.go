package systrace

// older are the calls that only some processors have; this one has none.
var older map[int32]form
