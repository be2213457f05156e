package pep440

// String returns s for people to read.
func (s Set) String() string { return "" }
