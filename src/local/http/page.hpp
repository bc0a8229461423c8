#pragma once

#include <string>
#include <string_view>

namespace ss::local {

struct PageUse {
  bool keep = false;     ///< the connection stays, and the client may ask again on it
  bool to_head = false;  ///< the request was HEAD: the page itself is left out
};

/// An error page of one sentence.
///
/// @param status    one that this program answers with: 400, 403, 407, 414, 431, 501, 502, 504, 505.
/// @param sentence  without a full stop.
/// A 407 asks for Basic credentials (RFC 7617).
std::string http_page(unsigned status, std::string_view sentence, PageUse use = {});

}  // namespace ss::local
