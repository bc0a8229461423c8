#include "ss/config/gather.hpp"

#include "ss/config/link.hpp"
#include "ss/config/udp_reader.hpp"

namespace ss::config {
namespace {

/// Adds members whose position is the flag that gave them.
class FlagObject {
 public:
  explicit FlagObject(const Position& at) : object_(JsonValue::of_object(at)) {}

  void add(std::string_view key, JsonValue value) {
    const Position at = value.position;
    object_.members.push_back({std::string(key), at, std::move(value)});
  }
  void add(std::string_view key, std::string_view flag, const std::optional<std::string>& text) {
    if (text) add(key, JsonValue::of_text(*text, {0, 0, flag}));
  }
  void add(std::string_view key, const std::optional<NamedSecret>& secret) {
    if (secret) add(key, JsonValue::of_text(text_of(secret->secret.reveal()), {0, 0, secret->origin}));
  }
  void add(std::string_view key, std::string_view flag, bool given) {
    if (given) add(key, JsonValue::of_boolean(true, {0, 0, flag}));
  }
  JsonDocument take() { return JsonDocument(std::move(object_)); }

 private:
  JsonValue object_;
};

}  // namespace

JsonDocument flags_as_document(const Overrides& overrides, Programs program) {
  FlagObject object({0, 0, {}});
  if (overrides.server.size() == 1) {
    object.add("server", "-s", overrides.server.front());
  } else if (!overrides.server.empty()) {
    JsonValue list = JsonValue::of_array({0, 0, "-s"});
    for (const std::string& server : overrides.server) list.items.push_back(JsonValue::of_text(server, list.position));
    object.add("server", std::move(list));
  }
  object.add("server_port", "-p", overrides.server_port);
  // In shadowsocks-libev the same flag says where ss-local listens and from where ss-server connects.
  object.add(program == Programs::local ? "local_address" : "bind_address", "-b", overrides.local_address);
  object.add("local_port", "-l", overrides.local_port);
  object.add("password", overrides.password);
  object.add("key", overrides.key);
  object.add("method", "-m", overrides.method);
  object.add("timeout", "-t", overrides.timeout);
  if (overrides.mode) {
    const std::string_view flag = *overrides.mode == Mode::udp_only ? "-U" : "-u";
    object.add("mode", JsonValue::of_text(word_of(*overrides.mode), {0, 0, flag}));
  }
  object.add("ipv6_first", "-6", overrides.ipv6_first);
  object.add("fast_open", "--fast-open", overrides.fast_open);
  object.add("no_delay", "--no-delay", overrides.no_delay);
  object.add("reuse_port", "--reuse-port", overrides.reuse_port);
  object.add("mptcp", "--mptcp", overrides.mptcp);
  object.add("mtu", "--mtu", overrides.mtu);
  object.add("acl", "--acl", overrides.acl);
  object.add("plugin", "--plugin", overrides.plugin);
  object.add("plugin_opts", "--plugin-opts", overrides.plugin_opts);
  object.add("workers", "--workers", overrides.workers);
  object.add("nofile", "-n", overrides.nofile);
  object.add("user", "-a", overrides.user);
  object.add("pid_file", "-f", overrides.pid_file);
  object.add("bind_interface", "-i", overrides.bind_interface);
  object.add("dns", "-d", overrides.dns);
  return object.take();
}

std::optional<JsonDocument> link_as_document(const Overrides& overrides, ProblemList& problems) {
  const Position at{0, 0, "link"};
  FlagObject object(at);
  if (!overrides.link) return object.take();
  const std::variant<Link, LinkProblem> parsed = parse_link(*overrides.link);
  if (const LinkProblem* const problem = std::get_if<LinkProblem>(&parsed)) {
    problems.error(at, problem->part, {problem->what, problem->instead});
    return std::nullopt;
  }
  const Link& link = std::get<Link>(parsed);
  const std::string host = link.server.is_domain() ? link.server.domain() : link.server.ip().to_string();
  object.add("server", JsonValue::of_text(host, at));
  object.add("server_port", JsonValue::of_text(std::to_string(link.server.port()), at));
  object.add("method", JsonValue::of_text(link.method->name, at));
  object.add("password", JsonValue::of_text(text_of(link.password.reveal()), at));
  if (!link.plugin.empty()) object.add("plugin", JsonValue::of_text(link.plugin, at));
  return object.take();
}

Gathered::Gathered(const Sources& sources, Programs program)
    : problems_(sources.file ? sources.file->name : std::string_view()) {
  if (sources.file) {
    std::variant<JsonDocument, SyntaxError> parsed = JsonDocument::parse(sources.file->text);
    if (const SyntaxError* const error = std::get_if<SyntaxError>(&parsed)) {
      problems_.error(error->position, {}, error->complaint);
      return;
    }
    documents_.push_back(std::get<JsonDocument>(std::move(parsed)));
  } else {
    documents_.emplace_back(JsonValue::of_object({}));
  }
  const JsonValue& root = documents_.back().root();
  if (root.type != JsonValue::Type::object) {
    problems_.error(root.position, {}, {"the configuration is not an object", "begin it with { and end it with }"});
    return;
  }
  report_repeated_keys(root, {}, problems_);
  const auto add = [&](const JsonValue& object, Scope scope, const std::string& path) {
    return &sections_.emplace_back(Section::check(object, scope, program, path, problems_));
  };
  documents_.push_back(flags_as_document(sources.overrides, program));
  flags_ = add(documents_.back().root(), Scope::top, {});
  std::optional<JsonDocument> link = link_as_document(sources.overrides, problems_);
  const bool link_broken = !link;
  documents_.push_back(link ? *std::move(link) : JsonDocument(JsonValue::of_object({})));
  link_ = add(documents_.back().root(), Scope::top, {});
  top_ = add(root, Scope::top, {});
  FlagObject fallback(root.position);
  fallback.add("password", sources.overrides.default_password);
  documents_.push_back(fallback.take());
  fallback_ = add(documents_.back().root(), Scope::top, {});
  const std::vector<const Section*> entries = find_servers(program);
  // All that a broken link was to say would be reported as missing.
  if (link_broken) return;
  const auto layered = [&](const Section* entry, const Section* home) {
    std::vector<const Section*> order{flags_, link_};
    if (entry) order.push_back(entry);
    order.insert(order.end(), {top_, fallback_});
    return Lookup(std::move(order), sources.environment, problems_, home);
  };
  for (const Section* const entry : entries) servers_.push_back({entry, layered(entry, entry)});
  // What a single server says about more than itself holds for all that is read.
  lookup_.emplace(layered(entries.size() == 1 ? entries.front() : nullptr, nullptr));
}

std::vector<const Section*> Gathered::find_servers(Programs program) {
  std::vector<const Section*> entries;
  const JsonValue* const list = top_->find("servers");
  for (std::size_t i = 0; list && i < list->items.size(); ++i) {
    const std::string path = top_->path_of("servers") + '[' + std::to_string(i) + "].";
    const Section& entry =
        sections_.emplace_back(Section::check(list->items[i], Scope::server_entry, program, path, problems_));
    const JsonValue* const disabled = entry.find("disabled");
    if (!disabled || !disabled->boolean) entries.push_back(&entry);
  }
  if (entries.empty() || top_->find("server")) entries.insert(entries.begin(), nullptr);
  if (!list || entries.size() == 1) return entries;
  if (program == Programs::server) {
    problems_.error(list->position, top_->path_of("servers"),
                    {"several servers are not supported yet", "keep one and write \"disabled\": true into the others"});
    return {entries.back()};
  }
  if (flags_->find("server") || link_->find("server")) {
    problems_.warn(list->position, top_->path_of("servers"),
                   {"has no effect", "the server of the command line alone is used"});
    return {nullptr};
  }
  return entries;
}

}  // namespace ss::config
