using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>Programs for the guest, compiled from the folder of that name; they need nothing of the guest's but its kernel.</summary>
internal static class GuestPrograms
{
    /// <summary>One end of sessions on the guest's TCP-AO; its source tells the arguments.</summary>
    public const string Relay = "/share/aorelay";

    private const string Compiler = "/usr/bin/gcc";

    public static void SkipUnlessCompiled() => Assert.SkipUnless(File.Exists(Compiler), "gcc is not installed");

    /// <summary>Puts them into what will be the guest's share; without a compiler there are none.</summary>
    public static void Place(string share)
    {
        if (!File.Exists(Compiler))
        {
            return;
        }

        string name = Path.GetFileName(Relay);
        Programs.Run(Compiler, "-O1", "-Wall", "-Werror", "-static", "-o", Path.Combine(share, name), Path.Combine(AppContext.BaseDirectory, "GuestPrograms", $"{name}.c"));
    }
}
