// Package reqfile reads requirement and constraint files, and requirements
// given on a command line, with the grammar of pip 26.3.
//
// The grammar is pip's in the details, too: how lines are joined and comments
// cut, which options a line may have and how they may be shortened, against
// what relative paths are resolved (nested files against the file that names
// them, projects against the working directory), and the texts of the
// messages. Where pip drops something without a word, a warning is returned.
//
// Two things differ. A file that is not UTF-8 and does not name its encoding is
// refused instead of being read in the locale of the machine at hand. And
// size, nesting and number of files and lines are bounded.
//
// A pylock.toml is no requirement file: Parse returns a *PylockError for a
// file that is named like one.
package reqfile
