-- Checks RS256 access tokens (RFC 9068) with OpenSSL's libcrypto, which nginx has loaded, and keeps the last 8,192 verified ones of a
-- worker until they expire. It reads claims with patterns: Debian's JSON library for Lua is one more package, and hits need none.
local ffi = require 'ffi'
local base64 = require 'ngx.base64'
local lrucache = require 'resty.lrucache'

ffi.cdef [[
void *BIO_new_mem_buf(const void *buf, int len);
void *PEM_read_bio_PUBKEY(void *bio, void **key, void *callback, void *data);
void *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(void *context);
const void *EVP_sha256(void);
int EVP_DigestVerifyInit(void *context, void **key_context, const void *digest, void *engine, void *key);
int EVP_DigestVerify(void *context, const char *signature, size_t length, const char *text, size_t text_length);
]]

local CACHED = 8192

local function read_key(file)
  local pem = assert(io.open(file)):read('*a')
  local key = ffi.C.PEM_read_bio_PUBKEY(ffi.C.BIO_new_mem_buf(pem, #pem), nil, nil, nil)
  assert(key ~= nil, 'no public key in ' .. file)
  return key
end

local function is_signed(key, text, signature)
  local context = ffi.C.EVP_MD_CTX_new()
  local verdict = ffi.C.EVP_DigestVerifyInit(context, nil, ffi.C.EVP_sha256(), nil, key) == 1
    and ffi.C.EVP_DigestVerify(context, signature, #signature, text, #text) == 1
  ffi.C.EVP_MD_CTX_free(context)
  return verdict
end

return function(settings)
  local key = read_key(settings.public_key_file)
  local cache = assert(lrucache.new(CACHED))
  local issuer = '"iss":"' .. settings.issuer .. '"'
  local audience = '"aud":"' .. settings.audience .. '"'

  local function verify(token)
    local text, encoded = token:match('^([%w_-]+%.[%w_-]+)%.([%w_-]+)$')
    local signature = encoded and base64.decode_base64url(encoded)
    if not signature or not is_signed(key, text, signature) then return nil end
    local header = base64.decode_base64url(text:match('^[^.]+'))
    local claims = base64.decode_base64url(text:match('[^.]+$'))
    if not header or not header:find('"alg":"RS256"', 1, true) then return nil end
    if not claims or not claims:find(issuer, 1, true) or not claims:find(audience, 1, true) then return nil end
    local expires, subject = tonumber(claims:match('"exp":(%d+)')), claims:match('"sub":"([^"]+)"')
    local is_user = (claims:match('"roles":%[([^]]*)%]') or ''):find('"user"', 1, true)
    if not expires or not subject or not is_user then return nil end
    return { expires = expires, subject = subject }
  end

  return {
    -- Who calls. Ends the request with 401 if no valid token says so, or if the role `user` is missing.
    subject = function()
      local field = ngx.var.http_authorization
      local token = field and field:sub(1, 7) == 'Bearer ' and field:sub(8)
      local known = token and cache:get(token)
      if token and not known then
        known = verify(token)
        if known then cache:set(token, known) end
      end
      if not known or known.expires <= ngx.time() then return ngx.exit(401) end
      return known.subject
    end,
  }
end
