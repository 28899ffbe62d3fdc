#include "manual.h"

#include <fmt/format.h>

#include <weir/app/version.h>

#include "command_table.h"

namespace weir::app {
namespace {

/// Text that roff takes as it stands: hyphens that can be copied, no escapes, no requests.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return text.starts_with('.') || text.starts_with('\'') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", plain(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", plain(text)); }

std::string synopsis_of(const Flag& flag) {
  const std::string name = flag.letter != '\0' ? fmt::format("-{}", flag.letter) : fmt::format("--{}", flag.name);
  const std::string value = flag.value.empty() ? ""
                            : flag.value_is_optional ? fmt::format(" [{}]", italic(flag.value))
                                                     : " " + italic(flag.value);
  return fmt::format("[{}{}]{}", bold(name), value, flag.repeats ? "..." : "");
}

std::string item_of(const Flag& flag) {
  std::string out = ".TP\n";
  if (flag.letter != '\0') out += bold(fmt::format("-{}", flag.letter)) + ", ";
  out += bold(fmt::format("--{}", flag.name));
  if (flag.value_is_optional) {
    out += fmt::format(" [{}]", italic(flag.value));
  } else if (!flag.value.empty()) {
    out += " " + italic(flag.value);
  }
  out += "\n" + plain(flag.meaning) + "\n";
  if (flag.choices == nullptr) return out;
  std::string choices;
  for (const std::string_view choice : flag.choices()) choices += (choices.empty() ? "" : ", ") + bold(choice);
  return out + ".br\nOne of " + choices + ".\n";
}

std::string section_of(const VerbRow& row) {
  std::string out =
      fmt::format(".SS {}\n{}.\n.PP\n{}", plain(row.name), plain(row.meaning), bold(fmt::format("weir {}", row.name)));
  for (const Flag* flag : row.flags) out += "\n" + synopsis_of(*flag);
  if (!row.shared.empty()) out += fmt::format("\n[{}]", italic("shared flags"));
  if (!row.operand.empty()) out += "\n" + italic(row.operand);
  out += "\n";
  for (const Flag* flag : row.flags) out += item_of(*flag);
  return out;
}

constexpr std::string_view kEnd = R"(.SH EXIT STATUS
.TP
.B 0
Success. For \fBhealth\fR: healthy or degraded.
.TP
.B 1
The server said no or could not be reached. For \fBhealth\fR also: unhealthy.
.TP
.B 2
Bad usage or bad configuration.
.SH SIGNALS
Of \fBweir run\fR: \fBTERM\fR and \fBINT\fR take no more requests, finish those under way and exit with 0; a second one does
not wait. \fBHUP\fR reads the configuration again, with no connection dropped and no figure lost; a bad file is refused and
the old one stays. \fBUSR1\fR opens log files anew.
.SH ENVIRONMENT
.TP
.B WEIR_CONFIG
The configuration file, where \fB\-c\fR names none.
.TP
.B WEIR_ADMIN
The base URL of the admin API that is asked, where neither \fB\-\-admin\fR nor \fB\-c\fR says it. It counts before
\fBWEIR_CONFIG\fR.
.TP
.B WEIR_TOKEN
The token to ask with.
.TP
.B NO_COLOR
Set and not empty: no colours, unless \fB\-\-color\fR asks for them.
.SH EXAMPLES
.EX
weir run \-\-upstream http://127.0.0.1:3000
weir stats \-\-window 5m \-\-sort p99_duration \-\-limit 10
weir slow \-\-route "GET /users/{id}" \-\-sort slowest
weir health || echo "look at weir errors"
weir top \-\-admin https://weir.internal:9900
.EE
.SH SEE ALSO
.BR weir.yaml (5)
)";

}  // namespace

std::string manual_page() {
  std::string out = fmt::format(".TH WEIR 1 \"\" \"weir {}\" \"User Commands\"\n.nh\n", version());
  out +=
      ".SH NAME\nweir \\- measuring sidecar reverse proxy\n.SH SYNOPSIS\n\\fBweir\\fR \\fIcommand\\fR [\\fIflags\\fR]\n"
      ".SH DESCRIPTION\nweir stands in front of an HTTP service that nobody changes: it forwards every request "
      "untouched and\n"
      "measures which route is slow, since when, and where the time goes. \\fBweir run\\fR is the proxy; most other "
      "commands\n"
      "ask the admin API of one that runs.\n.PP\n"
      "Flags win over the configuration file, the file over the defaults. Without a file, weir listens on 0.0.0.0:8080 "
      "and its\n"
      "admin API on 127.0.0.1:9900.\n.SH COMMANDS\n";
  for (const VerbRow& row : verbs_in_order()) out += section_of(row);
  out += ".SH SHARED FLAGS\nOf the commands that ask the admin API:\n";
  for (const Flag* flag : client_flags()) out += item_of(*flag);
  return out.append(kEnd);
}

}  // namespace weir::app
