using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// Key chains as JSON: the encoding of RFC 7951 for <c>ietf-key-chain</c> (RFC 8177) and the leaves of <c>ietf-tcp</c> (RFC 9648). Names of another module carry
/// its name, 64-bit numbers are strings, a leaf of type empty is <c>[null]</c>. Strict both ways: what the model has no leaf for is an error, not a loss.
/// Left out: last-modified timestamps, replay protection, algorithms without TCP-AO.
/// </summary>
public static partial class YangJson
{
    private const string Root = "ietf-key-chain:key-chains";
    private const string Authentication = "ietf-tcp:authentication";
    private const string OwnModule = "ietf-key-chain:";

    // the first name of an algorithm is the one that is written
    private static readonly ImmutableArray<(string Identity, MacAlgorithm Algorithm)> s_identities =
    [
        ("hmac-sha-1-12", MacAlgorithms.HmacSha1),
        ("ietf-tcp:aes-128", MacAlgorithms.AesCmac),
        ("aes-cmac-prf-128", MacAlgorithms.AesCmac),
        ("hmac-sha-256", MacAlgorithms.HmacSha256),
        ("md5", MacAlgorithms.TcpMd5),
    ];

    /// <summary>Why a key cannot be written; null when it can.</summary>
    /// <param name="key">The key.</param>
    public static string? Obstacle(AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return !s_identities.Any(identity => identity.Algorithm == key.Algorithm) ? $"{key.Name}: neither RFC 8177 nor RFC 9648 has an identity for {key.Algorithm.Name}"
            : key.MacLength != key.Algorithm.DefaultMacLength ? $"{key.Name}: neither RFC 8177 nor RFC 9648 has a leaf for a MAC of {key.MacLength} bytes"
            : null;
    }

    /// <summary>Writes key chains; the caller erases the result where it holds secrets.</summary>
    /// <exception cref="ArgumentException">An algorithm has no identity (<see cref="Obstacle"/>).</exception>
    public static byte[] Write(YangKeyChains chains)
    {
        ArgumentNullException.ThrowIfNull(chains);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(Root);
            writer.WriteStartArray("key-chain");
            foreach (YangKeyChain chain in chains.Chains)
            {
                Write(writer, chain, chains.AesKeyWrap);
            }

            writer.WriteEndArray();
            if (chains.AesKeyWrap)
            {
                writer.WriteStartObject("aes-key-wrap");
                writer.WriteBoolean("enable", true);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        byte[] json = [.. stream.ToArray(), (byte)'\n'];
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(stream.GetBuffer());
        return json;
    }

    private static void Write(Utf8JsonWriter writer, YangKeyChain chain, bool isWrapped)
    {
        writer.WriteStartObject();
        writer.WriteString("name", chain.Name);
        if (chain.Description is not null)
        {
            writer.WriteString("description", chain.Description);
        }

        if (chain.AcceptTolerance != TimeSpan.Zero)
        {
            writer.WriteStartObject("accept-tolerance");
            writer.WriteNumber("duration", (long)chain.AcceptTolerance.TotalSeconds);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("key");
        foreach (YangKey key in chain.Keys)
        {
            Write(writer, chain, key, isWrapped);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, YangKeyChain chain, YangKey key, bool isWrapped)
    {
        writer.WriteStartObject();
        writer.WriteString("key-id", key.KeyId.ToString(CultureInfo.InvariantCulture));
        writer.WriteStartObject("lifetime");
        if (key.Send == key.Accept)
        {
            Write(writer, "send-accept-lifetime", key.Send);
        }
        else
        {
            Write(writer, "send-lifetime", key.Send);
            Write(writer, "accept-lifetime", key.Accept);
        }

        writer.WriteEndObject();
        string? identity = s_identities.FirstOrDefault(identity => identity.Algorithm == key.Algorithm).Identity;
        writer.WriteString("crypto-algorithm", identity ?? throw new ArgumentException($"There is no identity for {key.Algorithm.Name}.", nameof(key)));
        if (key.KeyString is { } secret)
        {
            WriteKeyString(writer, secret, isWrapped);
        }

        writer.WriteStartObject(Authentication);
        writer.WriteString("keychain", chain.Name);
        if (key.Algorithm.IsTcpMd5)
        {
            writer.WriteStartObject("md5");
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartObject("ao");
            writer.WriteNumber("send-id", key.SendId ?? 0);
            writer.WriteNumber("recv-id", key.RecvId ?? 0);
            writer.WriteBoolean("include-tcp-options", key.IncludeTcpOptions);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteKeyString(Utf8JsonWriter writer, byte[] secret, bool isWrapped)
    {
        writer.WriteStartObject("key-string");
        bool isText = !isWrapped && secret.AsSpan().IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;
        if (isText)
        {
            writer.WriteString("keystring", secret);
        }
        else
        {
            // yang:hex-string
            writer.WriteString("hexadecimal-string", string.Join(':', secret.Select(b => b.ToString("x2", CultureInfo.InvariantCulture))));
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, KeyLifetime lifetime)
    {
        writer.WriteStartObject(name);
        if (lifetime == KeyLifetime.Always)
        {
            WriteEmpty(writer, "always");
        }
        else if (lifetime.IsEmpty)
        {
            // closed that way
            writer.WriteString("start-date-time", Text(DateTimeOffset.UnixEpoch));
            writer.WriteString("end-date-time", Text(DateTimeOffset.UnixEpoch));
        }
        else
        {
            if (lifetime.Start != DateTimeOffset.MinValue)
            {
                writer.WriteString("start-date-time", Text(lifetime.Start));
            }

            if (lifetime.End == DateTimeOffset.MaxValue)
            {
                WriteEmpty(writer, "no-end-time");
            }
            else
            {
                writer.WriteString("end-date-time", Text(lifetime.End));
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray(name);
        writer.WriteNullValue();
        writer.WriteEndArray();
    }

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString(
        instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
        CultureInfo.InvariantCulture);
}
