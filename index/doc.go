// Package index is where files come from: simple repository indexes, find-links,
// and what is needed to talk to them.
//
//	Files      which files of a project there are, over all locations
//	Metadata   what a wheel says about itself, with as few bytes as possible
//	Download   a file's verified bytes
//
// The parts: simple reads pages and knows no network; transport is the one
// stack that speaks HTTP; cache is the store on disk. This package joins them.
//
// # What is promised
//
// Asking is free of repetition: within one Client every page, metadata file and
// download is fetched once, however many callers want it at the same time. Over
// runs the cache answers for as long as the server allows (RFC 9111), then the
// server is asked whether something changed. A server that gives neither a
// lifetime nor a validator is asked every time, and its answer, if the same byte
// for byte, is not parsed again.
//
// "Not found", "not available" and "wrong" are different errors. NotFoundError
// means that every location has answered. A location that could not answer is
// an UnavailableError, also when another location has the project: taking that
// one's files instead would let a broken connection choose where code comes from.
// Config.PassOverUnreachable relaxes that for who wants pip's way.
//
// Nothing is handed out as a file's content that does not have every hash that
// the index announced, and no file stands in the cache under a hash that is not
// its own.
//
// # What is not
//
// Metadata from a part of a wheel cannot be checked against the wheel's hash,
// under which the cache keeps them. Who installs the wheel reads them again from
// the verified file.
//
// Plain HTTP is refused for indexes and find-links pages on other machines that
// are not trusted hosts; a direct URL or a requirements file that the user names
// is fetched as it is named, as in pip.
package index
