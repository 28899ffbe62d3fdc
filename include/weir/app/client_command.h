#pragma once

#include <weir/app/command_line.h>

namespace weir::app {

/// The commands that ask the admin API of a weir that runs: `stats`, `slow`, `reset` and so on.
Exit client_command(const CommandLine& line);

/// Which weir is asked. In this order: `--admin`, the `admin.address` of the file that `-c` names, WEIR_ADMIN, the file
/// that WEIR_CONFIG names, http://127.0.0.1:9900. The token: `--token-file`, WEIR_TOKEN.
Result<verbs::Server> server_of(const CommandLine& line);

}  // namespace weir::app
