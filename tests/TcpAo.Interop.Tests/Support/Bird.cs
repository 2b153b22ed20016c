namespace TcpAo.Interop.Tests.Support;

/// <summary>BIRD in the guest, whose TCP-AO is the kernel's.</summary>
internal sealed class Bird
{
    private const string Root = "/share/bird";
    private const string Control = "/run/bird/bird.ctl";
    private const int Bgp = 179;

    private const string Configuration = "/mnt/bird.conf";

    private readonly Guest _guest;

    /// <param name="guest">The guest; <see cref="Place"/> has put BIRD into its share.</param>
    /// <param name="configuration">bird.conf.</param>
    public Bird(Guest guest, string configuration)
    {
        _guest = guest;
        _guest.WriteFile($"{Root}{Configuration}", configuration);
        _guest.Start($"sh -c 'mount -o bind /dev {Root}/dev && mount -t tmpfs run {Root}/run && mkdir {Root}/run/bird'").WaitForEnd();
        _guest.Start($"chroot {Root} /usr/sbin/bird -d -c {Configuration} -s {Control}", Bgp);
    }

    /// <summary>Puts BIRD and its libraries into the guest's share; to be called before the guest starts.</summary>
    public static void Place(string share) => Programs.Run("cp", "-a", Daemons.Trixie, Path.Combine(share, "bird"));

    /// <summary>What <c>birdc</c> says, with | for line ends.</summary>
    public string Command(string command) => _guest.Start($"chroot {Root} /usr/sbin/birdcl -s {Control} {command}").WaitForEnd();

    /// <summary>Takes another configuration, without a restart.</summary>
    public void Reconfigure(string configuration)
    {
        _guest.WriteFile($"{Root}{Configuration}", configuration);
        string said = Command("configure");
        Xunit.Assert.Contains("Reconfigured", said, StringComparison.Ordinal);
    }

    public BirdProtocol Protocol(string name) => BirdProtocol.Parse(Command($"show protocols {name}").Split('|').Single(line => line.StartsWith(name, StringComparison.Ordinal)));
}
