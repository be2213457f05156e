// Package txn changes a directory tree in one transaction.
//
// New content is staged in a work directory on the tree's own file system,
// made durable, and switched in by renames under a journal:
//
//	ROOT/.xpip/stage/...   the new files, at their final relative paths
//	ROOT/.xpip/trash/N     what the switch took out, by number
//	ROOT/.xpip/journal     the list of renames; its appearance is the commit
//	ROOT/.xpip/undo        present while a failed switch is being undone
//	ROOT/.xpip/done        the journal of a switch that is complete
//
// Every step is idempotent. A process killed at any instant leaves a tree that
// is the old one, the new one, or one that Recover finishes: a work directory
// without a journal is discarded, one with a journal is rolled forward, one
// with an undo mark is rolled back. Each of these marks is on the disk before
// what it stands for begins, and gone from there before what it needs goes. A step that fails while the process lives
// (a full disk, a permission, an I/O error) is undone at once.
//
// The package knows nothing of Python. All changes of the tree go through the
// FS interface, so that a test can stop the world before each of them.
package txn
