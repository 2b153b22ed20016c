using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

public static partial class YangJson
{
    /// <summary>Reads key chains.</summary>
    /// <param name="json">The text, UTF-8; the caller erases it.</param>
    /// <exception cref="YangJsonException">It is not such a text: everything that is wrong.</exception>
    public static YangKeyChains Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            if (!IsUnicode(json.Span))
            {
                throw new YangJsonException(["a string of the text is not Unicode"]);
            }

            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var reader = new Reader();
            YangKeyChains? chains = reader.Document(document.RootElement);
            return chains is not null && reader.Errors.Count == 0 ? chains : throw new YangJsonException([.. reader.Errors]);
        }
        catch (JsonException error)
        {
            // its message may quote the text
            string place = error.LineNumber is { } line ? $"line {line + 1}: " : "";
            throw new YangJsonException([$"{place}this is not JSON, or has a member twice"]);
        }
    }

    /// <summary>Whether the text is UTF-8 and no escape in it is half a character: <see cref="JsonDocument"/> finds both only when a string is asked for.</summary>
    private static bool IsUnicode(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                try
                {
                    _ = reader.GetString();
                }
                catch (InvalidOperationException)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Walks the tree and collects what is wrong.</summary>
    private sealed class Reader
    {
        public List<string> Errors { get; } = [];

        public YangKeyChains? Document(JsonElement root)
        {
            if (!IsObject(root, "", [Root]) || !root.TryGetProperty(Root, out JsonElement chains))
            {
                Errors.Add($"the text has no member {Root}");
                return null;
            }

            if (!IsObject(chains, Root, ["key-chain", "aes-key-wrap"]))
            {
                return null;
            }

            bool isWrapped = chains.TryGetProperty("aes-key-wrap", out JsonElement wrap) && IsObject(wrap, $"{Root}/aes-key-wrap", ["enable"]) && Flag(wrap, "enable", $"{Root}/aes-key-wrap", otherwise: false);
            return new YangKeyChains([.. Items(chains, "key-chain", Root).Select((chain, index) => Chain(chain, $"{Root}/key-chain[{index + 1}]"))], isWrapped);
        }

        private YangKeyChain Chain(JsonElement chain, string path)
        {
            TimeSpan tolerance = TimeSpan.Zero;
            string name = "";
            string? description = null;
            ImmutableArray<YangKey> keys = [];
            if (IsObject(chain, path, ["name", "description", "accept-tolerance", "last-modified-timestamp", "key"]))
            {
                name = Text(chain, "name", path) ?? Missing(path, "name");
                description = chain.TryGetProperty("description", out _) ? Text(chain, "description", path) : null;
                if (chain.TryGetProperty("accept-tolerance", out JsonElement element) && IsObject(element, $"{path}/accept-tolerance", ["duration"]))
                {
                    tolerance = TimeSpan.FromSeconds(Number(element, "duration", $"{path}/accept-tolerance", uint.MaxValue) ?? 0);
                }

                keys = [.. Items(chain, "key", path).Select((key, index) => Key(key, $"{path}/key[{index + 1}]")).OfType<YangKey>()];
            }

            return new YangKeyChain(name, keys, tolerance, description);
        }

        private YangKey? Key(JsonElement key, string path)
        {
            if (!IsObject(key, path, ["key-id", "lifetime", "crypto-algorithm", "key-string", "send-lifetime-active", "accept-lifetime-active", Authentication]))
            {
                return null;
            }

            ulong? id = KeyId(key, path);
            MacAlgorithm? algorithm = Algorithm(key, path);
            (KeyLifetime send, KeyLifetime accept) = Lifetimes(key, path);
            byte[]? secret = key.TryGetProperty("key-string", out JsonElement keyString) ? KeyString(keyString, $"{path}/key-string") : null;
            (byte? sendId, byte? recvId, bool includesOptions) = Leaves(key, path, algorithm);
            return id is null || algorithm is null ? null : new YangKey
            {
                KeyId = id.Value,
                Algorithm = algorithm,
                SendId = sendId,
                RecvId = recvId,
                IncludeTcpOptions = includesOptions,
                Send = send,
                Accept = accept,
                KeyString = secret,
            };
        }

        /// <summary>RFC 7951 section 6.1: a 64-bit number is a string.</summary>
        private ulong? KeyId(JsonElement key, string path)
        {
            string? text = Text(key, "key-id", path);
            if (text is null)
            {
                Missing(path, "key-id");
                return null;
            }

            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
            {
                return id;
            }

            Errors.Add($"{path}/key-id: must be a number from 0 to {ulong.MaxValue} as a string");
            return null;
        }

        private MacAlgorithm? Algorithm(JsonElement key, string path)
        {
            string? text = Text(key, "crypto-algorithm", path);
            if (text is null)
            {
                Missing(path, "crypto-algorithm");
                return null;
            }

            string identity = text.StartsWith(OwnModule, StringComparison.Ordinal) ? text[OwnModule.Length..] : text;
            foreach ((string known, MacAlgorithm algorithm) in s_identities)
            {
                if (string.Equals(known, identity, StringComparison.Ordinal))
                {
                    return algorithm;
                }
            }

            Errors.Add($"{path}/crypto-algorithm: must be one of {string.Join(", ", s_identities.Select(known => known.Identity))}");
            return null;
        }

        private (byte? SendId, byte? RecvId, bool IncludesOptions) Leaves(JsonElement key, string path, MacAlgorithm? algorithm)
        {
            string place = $"{path}/{Authentication}";
            if (!key.TryGetProperty(Authentication, out JsonElement authentication))
            {
                Errors.Add($"{path}: {Authentication} is missing: without it the key has no ids");
                return default;
            }

            if (!IsObject(authentication, place, ["keychain", "ao", "md5"]))
            {
                return default;
            }

            _ = authentication.TryGetProperty("keychain", out _) ? Text(authentication, "keychain", place) : null;
            bool isMd5 = authentication.TryGetProperty("md5", out _);
            bool isAo = authentication.TryGetProperty("ao", out JsonElement ao);
            if (isMd5 == isAo)
            {
                Errors.Add($"{place}: exactly one of ao and md5 is to be there");
                return default;
            }

            if (algorithm is not null && algorithm.IsTcpMd5 != isMd5)
            {
                Errors.Add($"{place}: {(isMd5 ? "md5" : "ao")} does not go with {algorithm.Name}");
                return default;
            }

            if (isMd5 || !IsObject(ao, $"{place}/ao", ["send-id", "recv-id", "include-tcp-options", "accept-key-mismatch", "r-next-key-id"]))
            {
                return (null, null, IncludesOptions: false);
            }

            if (Flag(ao, "accept-key-mismatch", $"{place}/ao", otherwise: false))
            {
                Errors.Add($"{place}/ao/accept-key-mismatch: is a setting of the peer here: leave it out, and set 'unknown-key: accept'");
            }

            return (
                (byte?)Required(ao, "send-id", $"{place}/ao"),
                (byte?)Required(ao, "recv-id", $"{place}/ao"),
                Flag(ao, "include-tcp-options", $"{place}/ao", otherwise: true));
        }

        private (KeyLifetime Send, KeyLifetime Accept) Lifetimes(JsonElement key, string path)
        {
            string place = $"{path}/lifetime";
            if (!key.TryGetProperty("lifetime", out JsonElement lifetime) || !IsObject(lifetime, place, ["send-accept-lifetime", "send-lifetime", "accept-lifetime"]))
            {
                return (KeyLifetime.Always, KeyLifetime.Always);
            }

            if (!lifetime.TryGetProperty("send-accept-lifetime", out JsonElement both))
            {
                return (One("send-lifetime"), One("accept-lifetime"));
            }

            if (lifetime.TryGetProperty("send-lifetime", out _) || lifetime.TryGetProperty("accept-lifetime", out _))
            {
                Errors.Add($"{place}: send-accept-lifetime stands without the others");
            }

            KeyLifetime shared = Lifetime(both, $"{place}/send-accept-lifetime");
            return (shared, shared);

            KeyLifetime One(string name) => lifetime.TryGetProperty(name, out JsonElement element) ? Lifetime(element, $"{place}/{name}") : KeyLifetime.Always;
        }

        private KeyLifetime Lifetime(JsonElement lifetime, string path)
        {
            if (!IsObject(lifetime, path, ["always", "start-date-time", "no-end-time", "duration", "end-date-time"]))
            {
                return KeyLifetime.Always;
            }

            bool isAlways = Empty(lifetime, "always", path);
            int ends = (Empty(lifetime, "no-end-time", path) ? 1 : 0) + (lifetime.TryGetProperty("duration", out _) ? 1 : 0) + (lifetime.TryGetProperty("end-date-time", out _) ? 1 : 0);
            bool hasStart = lifetime.TryGetProperty("start-date-time", out _);
            if ((isAlways && (hasStart || ends > 0)) || ends > 1)
            {
                Errors.Add($"{path}: {(isAlways ? "always stands alone" : "only one of no-end-time, duration and end-date-time may be there")}");
                return KeyLifetime.Always;
            }

            DateTimeOffset start = Instant(lifetime, "start-date-time", path) ?? DateTimeOffset.MinValue;
            DateTimeOffset end = Instant(lifetime, "end-date-time", path) ?? DateTimeOffset.MaxValue;
            if (lifetime.TryGetProperty("duration", out _) && Number(lifetime, "duration", path, int.MaxValue - 1) is { } seconds)
            {
                if (!hasStart || seconds == 0)
                {
                    Errors.Add($"{path}/duration: needs a start-date-time, and is at least 1");
                }
                else
                {
                    end = DateTimeOffset.MaxValue - start <= TimeSpan.FromSeconds(seconds) ? DateTimeOffset.MaxValue : start + TimeSpan.FromSeconds(seconds);
                }
            }

            if (end < start)
            {
                Errors.Add($"{path}: the end is before the start");
            }

            return end <= start ? KeyLifetime.Never : new KeyLifetime(start, end);
        }

        private byte[]? KeyString(JsonElement element, string path)
        {
            if (!IsObject(element, path, ["keystring", "hexadecimal-string"]))
            {
                return null;
            }

            bool hasText = element.TryGetProperty("keystring", out _);
            bool hasHex = element.TryGetProperty("hexadecimal-string", out _);
            if (hasText == hasHex)
            {
                Errors.Add($"{path}: exactly one of keystring and hexadecimal-string is to be there");
                return null;
            }

            if (Text(element, hasText ? "keystring" : "hexadecimal-string", path) is not { } text)
            {
                return null;
            }

            byte[]? bytes = hasText ? Encoding.UTF8.GetBytes(text) : Hex(text);
            if (bytes is null)
            {
                Errors.Add($"{path}/hexadecimal-string: must be pairs of hex digits with colons between them");
            }
            else if (bytes.Length is 0 or > 2 * Secret.MaxLength)
            {
                Errors.Add($"{path}: has {bytes.Length} bytes; a key has 1 to {Secret.MaxLength}");
            }

            return bytes;
        }

        // yang:hex-string
        private static byte[]? Hex(string text)
        {
            string[] pairs = text.Split(':');
            byte[] bytes = new byte[pairs.Length];
            for (int i = 0; i < pairs.Length; i++)
            {
                if (pairs[i].Length != 2 || !byte.TryParse(pairs[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
                {
                    return null;
                }
            }

            return bytes;
        }

        private bool IsObject(JsonElement element, string path, ImmutableArray<string> known)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                Errors.Add($"{(path.Length == 0 ? "the text" : path)}: must be an object");
                return false;
            }

            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (!known.Contains(property.Name))
                {
                    // the name may be a slip that holds a secret: shown as far as it is one of YANG's
                    string name = property.Name.Length <= 64 && property.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':') ? property.Name : "…";
                    Errors.Add($"{(path.Length == 0 ? "the text" : path)}: unknown member {name}; known are {string.Join(", ", known)}");
                }
            }

            return true;
        }

        private List<JsonElement> Items(JsonElement owner, string name, string path)
        {
            if (!owner.TryGetProperty(name, out JsonElement list))
            {
                return [];
            }

            if (list.ValueKind == JsonValueKind.Array)
            {
                return [.. list.EnumerateArray()];
            }

            Errors.Add($"{path}/{name}: must be an array");
            return [];
        }

        private string? Text(JsonElement owner, string name, string path)
        {
            if (!owner.TryGetProperty(name, out JsonElement value))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }

            Errors.Add($"{path}/{name}: must be a string");
            return null;
        }

        private string Missing(string path, string name)
        {
            Errors.Add($"{path}: {name} is missing");
            return "";
        }

        private long? Required(JsonElement owner, string name, string path)
        {
            if (!owner.TryGetProperty(name, out _))
            {
                Missing(path, name);
                return null;
            }

            return Number(owner, name, path, byte.MaxValue);
        }

        private long? Number(JsonElement owner, string name, string path, long max)
        {
            if (owner.TryGetProperty(name, out JsonElement value))
            {
                if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 && number <= max)
                {
                    return number;
                }

                Errors.Add($"{path}/{name}: must be a number from 0 to {max}");
            }

            return null;
        }

        private bool Flag(JsonElement owner, string name, string path, bool otherwise)
        {
            if (!owner.TryGetProperty(name, out JsonElement value))
            {
                return otherwise;
            }

            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return value.ValueKind == JsonValueKind.True;
            }

            Errors.Add($"{path}/{name}: must be true or false");
            return otherwise;
        }

        /// <summary>RFC 7951 section 6.9: a leaf of type empty is [null].</summary>
        private bool Empty(JsonElement owner, string name, string path)
        {
            if (!owner.TryGetProperty(name, out JsonElement value))
            {
                return false;
            }

            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 1 || value[0].ValueKind != JsonValueKind.Null)
            {
                Errors.Add($"{path}/{name}: must be [null]");
            }

            return true;
        }

        private DateTimeOffset? Instant(JsonElement owner, string name, string path)
        {
            if (Text(owner, name, path) is not { } text)
            {
                return null;
            }

            if (TryParse(text, out DateTimeOffset instant))
            {
                return instant;
            }

            Errors.Add($"{path}/{name}: must be a date-and-time such as 2026-01-31T00:00:00Z");
            return null;
        }

        private static bool TryParse(string text, out DateTimeOffset instant)
        {
            string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
            bool hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
            instant = default;
            return hasOffset && DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out instant);
        }
    }
}
