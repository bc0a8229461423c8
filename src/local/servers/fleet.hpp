#pragma once

#include <memory>
#include <vector>

#include "servers/balancer.hpp"
#include "servers/warm_pool.hpp"
#include "ss/config/local_config.hpp"
#include "ss/relay/environment.hpp"

namespace ss::local {

/// How the servers of a configuration are chosen and connected to. All go by their numbers in it.
/// Owner: the service; outlives its workers. Threads: any; immutable but for the balancers.
struct Fleet {
  explicit Fleet(const config::LocalConfig& config);

  std::unique_ptr<Balancer> tcp;  ///< null where there is one server, or none carries TCP
  std::unique_ptr<Balancer> udp;  ///< likewise
  std::vector<WarmRules> warm;
  /// Whether dials begin with their first write. Not where it has to be known whether they came about.
  bool fast_open_dials;
};

/// One worker's warm connections, which all its listeners share.
/// Owner: the service; outlives the worker's sessions. Threads: the worker's.
class WarmPools {
 public:
  WarmPools(relay::Environment& env, const Fleet& fleet);

  [[nodiscard]] WarmPool& of(std::size_t server) { return *pools_[server]; }

 private:
  std::vector<std::unique_ptr<WarmPool>> pools_;
};

}  // namespace ss::local
