package runner

import (
	"strconv"
	"strings"

	"ockamtest/conformance"
)

// embedded is the attachment of the reference, which is tested when no peer is named.
const embedded = "reference"

// rerun is the command that runs one case again, for a POSIX shell.
func (r *run) rerun(need conformance.Need, id string) string {
	args := []string{"ockamtest", "run"}
	if r.info.Attachment != embedded {
		args = append(args, "--peer", r.info.Name)
	}
	args = append(args, "--profile", need.Profile, "--role", string(need.Role), "--transport", string(need.Transport),
		"--case", id, "--seed", strconv.FormatUint(r.cfg.Seed, 10))
	if need.Tunnelled() || len(r.cfg.Depths) > 1 {
		args = append(args, "--depth", strconv.Itoa(max(1, need.Depth)))
	}
	if r.cfg.Level == conformance.Should {
		args = append(args, "--level", "should")
	}
	args = append(args, r.cfg.RerunArgs...)
	for i, arg := range args {
		args[i] = quote(arg)
	}
	return strings.Join(args, " ")
}

// quote puts an argument in single quotes if a shell would not take it as it is.
func quote(arg string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+"
	if arg != "" && strings.Trim(arg, harmless) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
