#include "servers/diagnosis.hpp"

#include <string_view>

namespace ss::local {

namespace {

std::string_view seen(Trouble trouble) {
  switch (trouble) {
    case Trouble::closed:
      return "ended a connection without an answer";
    case Trouble::reset:
      return "reset a connection";
    case Trouble::silent:
      return "takes connections and does not answer";
    case Trouble::unopened:
      break;
  }
  return "gave an answer that does not open";
}

/// A server that was heard before has our key and method; what it refuses now is the target, or it was changed.
std::string_view causes_of_known(Trouble trouble) {
  switch (trouble) {
    case Trouble::closed:
      return "the target refused or cannot be reached from there; a stock server does not say which";
    case Trouble::reset:
      return "the target reset the connection, or the server's key was changed, or something between cuts connections";
    case Trouble::silent:
      return "the target is slow to answer, or something between swallows what is sent";
    case Trouble::unopened:
      break;
  }
  return "another server has taken its place, or its key was changed: compare \"password\" and \"method\"";
}

}  // namespace

std::string diagnose(Trouble trouble, const Server& server) {
  std::string text = "the server " + server.name() + ' ';
  text += seen(trouble);
  text += ": ";
  if (server.was_heard()) {
    text += causes_of_known(trouble);
    return text;
  }
  const bool is_2022 = server.credentials().method().is_2022();
  text += "probably \"password\" or \"method\" differs from the server's";
  if (is_2022) text += ", or a clock is wrong by more than 30 s (compare `date -u` on both machines)";
  if (trouble == Trouble::closed) text += ", or the target refused";
  if (trouble == Trouble::silent) text += ", or the target is slow to answer";
  if (trouble == Trouble::reset && !is_2022) text += ", or something else than Shadowsocks listens there";
  return text;
}

}  // namespace ss::local
