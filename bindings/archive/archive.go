// Package archive reads and writes backups: a tar in the folder layout that mongorestore reads, zstd, with a manifest.
package archive
