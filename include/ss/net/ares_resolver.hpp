#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ss/base/address.hpp"
#include "ss/base/clock.hpp"
#include "ss/net/resolver.hpp"

namespace ss::net {

class Worker;

/// How names are looked up.
struct ResolverOptions {
  std::vector<Endpoint> nameservers;              ///< empty = those of `resolv_conf`, read anew when it changes
  bool use_cache = true;                          ///< false: every question goes to a name server
  Duration deadline = std::chrono::seconds(5);    ///< for one question, whatever the name servers do
  unsigned max_questions = 512;                   ///< under way in the whole process; what is above is refused
  Duration look_every = std::chrono::seconds(3);  ///< how often, at most, both files are looked at for a change
  std::string resolv_conf = "/etc/resolv.conf";
  std::string hosts = "/etc/hosts";
};

/// A resolver on `worker`'s own loop, over c-ares.
/// Owner: the worker (`Worker::set_resolver`). Threads: the worker's; may be made before the worker runs.
std::unique_ptr<Resolver> make_ares_resolver(Worker& worker, const ResolverOptions& options = {});

}  // namespace ss::net
