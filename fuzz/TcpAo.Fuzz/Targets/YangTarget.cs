using System.Text;
using TcpAo.KeyChains;

namespace TcpAo.Fuzz.Targets;

/// <summary>
/// <see cref="YangJson"/> over any text: it is refused with reasons, or read; what was read can be written unless the model has no place for it, and what is written
/// reads back as the same text.
/// </summary>
internal sealed class YangTarget : IFuzzTarget
{
    private const string Example = """
        {"ietf-key-chain:key-chains":{"key-chain":[{"name":"core","description":"a chain","accept-tolerance":{"duration":60},"key":[
        {"key-id":"55","lifetime":{"send-lifetime":{"start-date-time":"2026-01-01T00:00:00Z","end-date-time":"2026-02-01T00:00:00Z"},
        "accept-lifetime":{"start-date-time":"2025-12-31T23:59:55+01:00","duration":86400}},"crypto-algorithm":"ietf-tcp:aes-128",
        "key-string":{"keystring":"example"},"ietf-tcp:authentication":{"keychain":"core","ao":{"send-id":65,"recv-id":87,"include-tcp-options":false}}},
        {"key-id":"1","lifetime":{"send-accept-lifetime":{"always":[null]}},"crypto-algorithm":"hmac-sha-1-12","key-string":{"hexadecimal-string":"00:ff"},
        "ietf-tcp:authentication":{"keychain":"core","ao":{"send-id":1,"recv-id":2}}}]}],"aes-key-wrap":{"enable":false}}}
        """;

    private const string Digest = """
        {"ietf-key-chain:key-chains":{"key-chain":[{"name":"old","key":[{"key-id":"18446744073709551615","lifetime":{"send-lifetime":{"start-date-time":"2026-01-01T00:00:00.5-00:30",
        "no-end-time":[null]}},"crypto-algorithm":"md5","key-string":{"keystring":"é"},"ietf-tcp:authentication":{"keychain":"old","md5":[null]}}]}]}}
        """;

    public string Name => "yang";

    public IEnumerable<byte[]> Seeds => [[], Encoding.UTF8.GetBytes(Example), Encoding.UTF8.GetBytes(Digest)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (Read(input.ToArray()) is not { } chains)
        {
            return;
        }

        byte[] written = YangJson.Write(chains);
        YangKeyChains? again = Read(written);
        Check.That(again is not null, "what was written can be read");
        Check.That(written.AsSpan().SequenceEqual(YangJson.Write(again!)), "it is the same text again");
        Signals.Note(2, chains.Chains.Length, chains.Chains.Sum(chain => chain.Keys.Length));
    }

    private static YangKeyChains? Read(byte[] text)
    {
        try
        {
            return YangJson.Read(text);
        }
        catch (YangJsonException refusal)
        {
            Check.That(!refusal.Errors.IsDefaultOrEmpty && refusal.Errors.All(error => error.Length > 0), "a refusal has reasons");
            Signals.Note(1, refusal.Errors.Length, refusal.Errors[0].Length);
            return null;
        }
    }
}
