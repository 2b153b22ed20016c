using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Tests.Cli;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.KeyFiles;

/// <summary>Secrets at rest: AES key wrap with padding, and where the key-encryption key comes from.</summary>
[Collection(ConsoleTests.Name)]
public sealed class KeyWrapTests
{
    private const string KekOfRfc = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
    private const string OtherKek = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Theory]
    [Requirement("R-124")]
    [InlineData("c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")]
    [InlineData("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f")]
    public void Wrap_OfRfc5649Section6_GivesItsVectors(string key, string wrapped)
    {
        using var kek = KeyEncryptionKey.FromBytes(Convert.FromHexString(KekOfRfc));
        using Secret secret = Secret.FromHex(key);
        Assert.Equal(wrapped, Convert.ToHexStringLower(kek.Wrap(secret)));
        Assert.True(kek.Unwrap(Convert.FromHexString(wrapped))!.FixedTimeEquals(secret));
    }

    [Fact]
    [Requirement("R-124")]
    public void Unwrap_OfAChangedOrForeignText_GivesNothing()
    {
        using var kek = KeyEncryptionKey.FromBytes(Convert.FromHexString(OtherKek));
        byte[] wrapped = kek.Wrap(Secret.FromText("a secret of eighty bytes".PadRight(80, '.')));
        Assert.Equal(88, wrapped.Length);
        for (int i = 0; i < wrapped.Length; i++)
        {
            wrapped[i] ^= 1;
            Assert.Null(kek.Unwrap(wrapped));
            wrapped[i] ^= 1;
        }

        Assert.NotNull(kek.Unwrap(wrapped));
        Assert.Null(kek.Unwrap(wrapped.AsSpan(8)));
        Assert.Null(kek.Unwrap([]));
        using var other = KeyEncryptionKey.FromBytes(Convert.FromHexString(KekOfRfc));
        Assert.Null(other.Unwrap(wrapped));
    }

    [Fact]
    public void WrapRewrapUnwrap_OfAFile_KeepsKeysAndComments()
    {
        using TempFolder folder = new();
        string first = folder.Write("first.kek", $"{OtherKek}\n");
        string second = folder.Write("second.kek", KekOfRfc);
        string path = folder.Write("tcpao.yaml", """
            key-chains:   # all of them
              - name: core
                keys:
                  - { id: 1, send-id: 1, recv-id: 1, secret: to-be-kept-secret }   # the first
                  - id: 2
                    secret-hex: 000102030405060708090a0b0c0d0e0f   # the second
                    send-id: 2
                    recv-id: 2

            """);
        string before = File.ReadAllText(path);
        Secret[] secrets = [.. KeyFile.Open(path).Chain("core").Keys.Select(entry => Secret.FromHex(SecretText.Hex(entry.Key.MasterKey)))];

        CliRun wrapped = CliRun.Of("keys", "wrap", "-c", path, "--kek-file", first);
        Assert.Equal(0, wrapped.ExitCode);
        Assert.Equal(["the secret of core/1 is wrapped", "the secret of core/2 is wrapped"], wrapped.Lines);
        string text = File.ReadAllText(path);
        Assert.DoesNotContain("to-be-kept", text, StringComparison.Ordinal);
        Assert.Contains("}   # the first", text, StringComparison.Ordinal);
        Assert.Contains("   # the second", text, StringComparison.Ordinal);
        AssertSecrets(path, first, secrets);
        Assert.Equal(3, CliRun.Of("keys", "list", "-c", path, "--no-fingerprints").ExitCode);
        Assert.Equal(3, CliRun.Of("keys", "list", "-c", path, "--no-fingerprints", "--kek-file", second).ExitCode);

        Assert.Equal(0, CliRun.Of("keys", "rewrap", "-c", path, "--kek-file", first, "--new-kek-file", second).ExitCode);
        AssertSecrets(path, second, secrets);
        Assert.Equal(0, CliRun.Of("keys", "unwrap", "-c", path, "--kek-file", second).ExitCode);
        AssertSecrets(path, null, secrets);
        string hex = SecretText.Hex(secrets[0]);
        Assert.Equal(before.Replace("secret: to-be-kept-secret", $"secret-hex: {hex}", StringComparison.Ordinal), File.ReadAllText(path));
    }

    [Fact]
    public void Kek_OfTheConfiguration_IsFoundBesideIt_AndOnlyWherePrivate()
    {
        using TempFolder folder = new();
        using var kek = KeyEncryptionKey.FromBytes(Convert.FromHexString(OtherKek));
        string wrapped = Convert.ToHexStringLower(kek.Wrap(Secret.FromText("wrapped-secret-1")));
        string path = folder.Write("tcpao.yaml", $"kek-file: my.kek\nkey-chains:\n  - name: core\n    keys:\n      - {{ id: 1, send-id: 1, recv-id: 1, secret-wrapped: {wrapped} }}\n");
        folder.Write("my.kek", OtherKek);
        Assert.True(ConfigurationFile.Load(path).KeyChains[0].Keys[0].Key.MasterKey.FixedTimeEquals(Secret.FromText("wrapped-secret-1")));
        folder.Write("my.kek", OtherKek, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path)).Message, StringComparison.Ordinal);
        folder.Write("my.kek", OtherKek[..63]);
        string message = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path)).Message;
        Assert.Contains("64 hex digits", message, StringComparison.Ordinal);
        Assert.DoesNotContain(OtherKek[..20], message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kek_OfTheCredentialOrTheEnvironment_IsTaken()
    {
        using TempFolder folder = new();
        folder.Write(KeyEncryptionKeySource.CredentialName, OtherKek);
        try
        {
            Assert.False(new KeyEncryptionKeySource(null).TryGet(out _, out string? reason));
            Assert.Contains("--kek-file", reason, StringComparison.Ordinal);
            Environment.SetEnvironmentVariable(KeyEncryptionKeySource.VariableName, KekOfRfc);
            Assert.True(new KeyEncryptionKeySource(null).TryGet(out KeyEncryptionKey? fromVariable, out _));
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", folder.Path);
            Assert.True(new KeyEncryptionKeySource(null).TryGet(out KeyEncryptionKey? fromCredential, out _));
            Secret secret = Secret.FromText("one of them");
            Assert.NotNull(fromVariable.Unwrap(fromVariable.Wrap(secret)));
            Assert.Null(fromVariable.Unwrap(fromCredential.Wrap(secret)));
        }
        finally
        {
            Environment.SetEnvironmentVariable(KeyEncryptionKeySource.VariableName, null);
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", null);
        }
    }

    private static void AssertSecrets(string path, string? kek, Secret[] secrets) =>
        Assert.All(KeyFile.Open(path, kek).Chain("core").Keys.Zip(secrets), pair => Assert.True(pair.First.Key.MasterKey.FixedTimeEquals(pair.Second)));
}
