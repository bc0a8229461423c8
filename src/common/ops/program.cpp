#include "ss/ops/program.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "ss/cipher/random.hpp"
#include "ss/config/generate.hpp"
#include "ss/config/load.hpp"
#include "ss/config/nearest.hpp"
#include "ss/ops/command_line.hpp"
#include "ss/ops/config_file.hpp"
#include "ss/ops/help.hpp"
#include "ss/ops/key_sources.hpp"
#include "ss/ops/links.hpp"
#include "ss/ops/process.hpp"
#include "ss/ops/qr_code.hpp"
#include "ss/telemetry/log.hpp"

namespace ss::ops {

namespace {

constexpr int kFine = 0;
constexpr int kCouldNotStart = 1;
constexpr int kBadUsage = 2;

// A line for the user: through the log where a service runs, else plain, so that check and link can be read by
// programs.
class Reporter {
 public:
  explicit Reporter(Command command) : logs_(command == Command::run) {}

  void error(std::string_view line) const {
    // Not subject to the level: a process that ends says why.
    if (logs_) telemetry::write_log(telemetry::Level::error, line);
    if (!logs_) fmt::print(stderr, "{}\n", line);
  }
  void warn(std::string_view line) const {
    if (logs_) telemetry::log_warn("{}", line);
    if (!logs_) fmt::print(stderr, "warning: {}\n", line);
  }

 private:
  bool logs_;
};

int refuse(Program program, const UsageError& error) {
  fmt::print(stderr, "{}: {}\n{}\n", name_of(program), error.message, error.hint);
  return kBadUsage;
}

int print_key(Program program, const std::string& name) {
  const cipher::Method* method = name.empty() ? &cipher::default_method() : cipher::find_method(name);
  if (method == nullptr) {
    std::vector<std::string_view> names;
    for (const cipher::Method& known : cipher::methods()) names.push_back(known.name);
    const std::string_view near = config::nearest(name, names);
    const bool broken = cipher::is_stream_method(name);
    return refuse(program, {broken ? fmt::format("genkey: {} is broken", name) : "genkey: there is no such method",
                            near.empty() || broken ? fmt::format("write {}", cipher::default_method().name)
                                                   : fmt::format("did you mean {}?", near)});
  }
  if (method->family == cipher::Family::plain)
    return refuse(program, {"genkey: the method none has no key", "name another"});
  fmt::print("{}\n", config::generate_secret(*method, cipher::kernel_entropy()));
  return kFine;
}

// On a terminal a code for a phone's camera follows each link; a script gets the links alone.
void print_links(const std::vector<std::string>& links) {
  const std::optional<std::size_t> columns = terminal_columns(STDOUT_FILENO);
  for (const std::string& link : links) {
    fmt::print("{}\n", link);
    if (columns) fmt::print("{}", draw_or_explain(link, *columns));
  }
}

// Whether one of the secrets in use was written into the file.
bool stands_in(const FileText& file, const Secret& secret) {
  return !secret.empty() && text_of(file.text.reveal()).find(text_of(secret.reveal())) != std::string_view::npos;
}
bool stands_in(const FileText& file, const config::Credentials& credentials) {
  return stands_in(file, credentials.password) || stands_in(file, credentials.key);
}
bool stands_in(const FileText& file, const std::vector<config::User>& users) {
  return std::any_of(users.begin(), users.end(), [&](const auto& user) { return stands_in(file, user.password); });
}
bool stands_in(const FileText& file, const config::ServerConfig& config) {
  return stands_in(file, config.credentials) || stands_in(file, config.users);
}
bool stands_in(const FileText& file, const config::LocalConfig& config) {
  return std::any_of(config.servers.begin(), config.servers.end(),
                     [&](const auto& server) { return stands_in(file, server.credentials); }) ||
         std::any_of(config.inbounds.begin(), config.inbounds.end(),
                     [&](const auto& inbound) { return stands_in(file, inbound.users); });
}

// The configuration from everywhere it may come from; nothing where there was an error, which has been reported.
template <class Config>
std::optional<Config> load(CommandLine& line, config::Loaded<Config> (*loader)(const config::Sources&),
                           const Reporter& report) {
  const KeySearch keys = find_keys(line);
  for (const std::string& warning : keys.warnings) report.warn(warning);
  if (keys.problem) {
    report.error(*keys.problem);
    return std::nullopt;
  }
  config::Sources sources;
  sources.overrides = std::move(line.overrides);
  NamedVariables variables;
  sources.environment = [&variables](const std::string& name) { return variables.read(name); };
  FileText file;
  if (line.config_file) {
    auto read = read_config_file(*line.config_file);
    if (const auto* problem = std::get_if<FileProblem>(&read)) {
      report.error(problem->text);
      return std::nullopt;
    }
    file = std::move(std::get<FileText>(read));
    sources.file = config::File{*line.config_file, text_of(file.text.reveal())};
  }
  config::Loaded<Config> loaded = loader(sources);
  for (const config::Problem& problem : loaded.problems) {
    problem.severity == config::Severity::error ? report.error(problem.text) : report.warn(problem.text);
  }
  if (loaded.config && !file.warning.empty() && stands_in(file, *loaded.config)) report.warn(file.warning);
  return std::move(loaded.config);
}

int run_prepared(const config::Settings& settings, const Reporter& report, const std::function<int()>& run) {
  ignore_broken_pipes();
  forbid_dumps();
  if (const std::string warning = raise_descriptor_limit(settings.nofile); !warning.empty()) report.warn(warning);
  return run();
}

template <class Config>
int answer(Program program, int argc, char** argv, config::Loaded<Config> (*loader)(const config::Sources&),
           int (*run)(const Config&)) {
  // Nobody hears why.
  if (fill_standard_descriptors() != 0) return kCouldNotStart;
  auto parsed = parse_command_line(program, argc, argv);
  if (const auto* error = std::get_if<UsageError>(&parsed)) return refuse(program, *error);
  CommandLine& line = std::get<CommandLine>(parsed);
  if (line.command == Command::help) return fmt::print("{}", help_text(program, line.help_for)), kFine;
  if (line.command == Command::version) return fmt::print("{}", version_text(program)), kFine;
  if (line.command == Command::genkey) return print_key(program, line.argument);

  telemetry::open_log(line.log_level, line.log_format);
  const Reporter report(line.command);
  const std::optional<Config> config = load(line, loader, report);
  wipe_stack();
  if (!config) return kBadUsage;
  if (line.command == Command::check) return kFine;
  if constexpr (std::is_same_v<Config, config::ServerConfig>) {
    if (line.command == Command::link) {
      const auto links = links_of(*config, line.argument, line.host);
      if (const auto* error = std::get_if<UsageError>(&links)) return refuse(program, *error);
      print_links(std::get<std::vector<std::string>>(links));
      return kFine;
    }
  }
  return run_prepared(*config, report, [&] { return run(*config); });
}

}  // namespace

int run_local(int argc, char** argv, int (*run)(const config::LocalConfig&)) {
  return answer(Program::local, argc, argv, config::load_local, run);
}

int run_server(int argc, char** argv, int (*run)(const config::ServerConfig&)) {
  return answer(Program::server, argc, argv, config::load_server, run);
}

}  // namespace ss::ops
