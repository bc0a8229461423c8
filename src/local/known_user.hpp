#pragma once

#include <string_view>
#include <vector>

#include "client_request.hpp"
#include "ss/base/bytes.hpp"

namespace ss::local {

/// Whether these are the credentials of one of `users`. It looks at every user, so that the time taken does not tell
/// which name exists.
bool is_known_user(const std::vector<SocksUser>& users, ConstBytes name, ConstBytes password);

/// The same for the value of a Proxy-Authorization field: `Basic` and base64 of `name:password` (RFC 7617).
bool is_known_user(const std::vector<SocksUser>& users, std::string_view credentials);

}  // namespace ss::local
